//! The web servers that lvsgen sets up.

use schemars::JsonSchema;

use super::decode::{Decode, Fields, decode_keywords};
use super::schema_part::{or_short, schema};
use crate::diagnostic::Report;
use crate::keyword::keywords;
use crate::yaml::{Content, Node};

keywords! {
    /// The language of the pages that lvsgen writes.
    Language, "a language of pages",
    /// Chinese.
    Chinese = "zh",
    /// English.
    English = "en",
}

decode_keywords!(Language);

/// `web`: `false` if lvsgen must not set up web servers; otherwise, the properties of the web servers.
#[derive(Clone, Copy, Debug)]
pub struct Web {
    /// Whether lvsgen sets up a web server on each real server that answers on TCP port 80.
    pub wanted: bool,
    /// `language`: the language of the pages. Without this key: the language of the target.
    pub language: Option<Language>,
}

impl Decode for Web {
    fn decode(node: &Node, report: &mut Report) -> Option<Self> {
        if !matches!(node.content, Content::Mapping(_)) {
            return bool::decode(node, report).map(|wanted| Self { wanted, language: None });
        }
        let mut fields = Fields::of(node, "`web`", report)?;
        let language = fields.optional("language", report);
        fields.finish(report)?;
        Some(Self { wanted: true, language })
    }
}

/// The long form.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "the schema alone has this shape")]
struct WebMapping {
    /// `language`: the language of the pages that lvsgen writes. Without this key: Chinese on openEuler, Anolis OS and Kylin, English
    /// elsewhere.
    language: Option<Language>,
}

schema!(Web, "Web", |generator| {
    let mapping = generator.subschema_for::<WebMapping>();
    or_short(&mapping, &generator.subschema_for::<bool>())
});
