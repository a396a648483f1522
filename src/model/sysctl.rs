//! The sysctl files that a host's image contains. lvsgen checks their settings, but renders nothing from them.

use schemars::json_schema;

use super::decode::{Decode, Fields, word};
use super::name::{AbsolutePath, SysctlKey};
use super::schema_part::schema;
use super::shape;
use crate::diagnostic::{Finding, Report, cite};
use crate::source::Located;
use crate::yaml::Node;

/// `sysctl_files`: sysctl files on a host that neither lvsgen nor the operating system installs.
#[derive(Clone, Debug, Default)]
pub struct SysctlFiles(pub Vec<SysctlFile>);

/// One sysctl file.
#[derive(Clone, Debug)]
pub struct SysctlFile {
    /// Its path.
    pub path: Located<AbsolutePath>,
    /// Its settings, in the order written. Each setting has the place of its key.
    pub settings: Vec<Located<SysctlSetting>>,
}

/// One setting of a sysctl file.
#[derive(Clone, Debug)]
pub struct SysctlSetting {
    /// The sysctl.
    pub key: SysctlKey,
    /// Its value.
    pub value: SysctlValue,
}

/// A sysctl's value: a line without control characters, as sysctl.d(5) accepts it.
#[derive(Clone, Debug)]
pub struct SysctlValue(pub String);

impl Decode for SysctlValue {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let read = |text: &str| match text.chars().any(char::is_control) {
            true => Err("write it on one line".to_owned()),
            false => Ok(Self(text.to_owned())),
        };
        word(node, "a sysctl's value", read, report)
    }
}

impl Decode for SysctlFiles {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "`sysctl_files`", report)?;
        let mut files = Vec::new();
        for (path, written, settings) in fields.rest() {
            let settings = SysctlSettings::decode(settings, report);
            match (AbsolutePath::new(written), settings) {
                (Ok(name), Some(SysctlSettings(settings))) => {
                    files.push(SysctlFile { path: Located::new(name, path.span), settings });
                }
                (Err(why), _) => {
                    fields.fail();
                    let message = format!("{} is not a plain absolute path", cite(written));
                    report.add(Finding::at(&shape::BAD_VALUE, path.span, message).help(why));
                }
                (Ok(_), None) => fields.fail(),
            }
        }
        fields.finish(report).map(|()| Self(files))
    }
}

schema!(SysctlSettings, "SysctlSettings", |_| json_schema!({
    "type": "object",
    "description": "Sysctls and their values",
    "additionalProperties": { "type": ["string", "integer"] },
}));

schema!(SysctlFiles, "SysctlFiles", |generator| {
    let settings = SysctlSettings::json_schema(generator);
    json_schema!({
        "type": "object",
        "description": "Other sysctl files on a host, in addition to lvsgen's files",
        "additionalProperties": settings,
    })
});

/// Kernel parameters with their values, in the order written. Each setting has the place of its key.
#[derive(Clone, Debug, Default)]
pub struct SysctlSettings(pub Vec<Located<SysctlSetting>>);

impl Decode for SysctlSettings {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        let mut fields = Fields::of(node, "a list of sysctls", report)?;
        let mut settings = Vec::new();
        for (key, written, value) in fields.rest() {
            let value = SysctlValue::decode(value, report);
            match (SysctlKey::new(written), value) {
                (Ok(name), Some(value)) => {
                    settings.push(Located::new(SysctlSetting { key: name, value }, key.span));
                }
                (Err(why), _) => {
                    fields.fail();
                    let message = format!("{} is not a sysctl", cite(written));
                    report.add(Finding::at(&shape::BAD_VALUE, key.span, message).help(why));
                }
                (Ok(_), None) => fields.fail(),
            }
        }
        fields.finish(report).map(|()| Self(settings))
    }
}
