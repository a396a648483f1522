//! Options of version 0.1 that have another name now. lvsgen refuses them with a hint.

use std::ffi::OsStr;
use std::path::Path;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error, ValueEnum};

use super::fault::Fault;
use crate::delivery::Delivery;

/// The formats that `--output` accepted in version 0.1.
const FORMS: [&str; 6] = ["github", "human", "json", "markdown", "sarif", "text"];

/// Refuses a format as the value of `--output` (`--output json`): the option names a directory now.
pub(super) fn refuse_form(output: Option<&Path>) -> Result<(), Fault> {
    let name = output.and_then(Path::to_str).filter(|name| FORMS.contains(name));
    match name {
        None => Ok(()),
        Some(form) => Err(Fault::helped(
            format!("`--output` names a directory, and `{form}` is a format"),
            format!("write `--format {form}`, or `-o ./{form}` for a directory of that name"),
        )),
    }
}

/// Refuses an option of version 0.1 that has another name now.
pub(super) fn refuse(former: Option<&String>, written: &str, now: &str) -> Result<(), Fault> {
    match former {
        None => Ok(()),
        Some(value) => Err(Fault::helped(
            format!("this command has no option `{written}`"),
            format!("write `{now} {}`", value.escape_debug()),
        )),
    }
}

/// Parses a format. If the value is a list of deliveries, the error suggests the option `--delivery`.
#[derive(Clone)]
pub(super) struct NotDeliveries<F: ValueEnum + Clone + Send + Sync + 'static>(EnumValueParser<F>);

impl<F: ValueEnum + Clone + Send + Sync + 'static> NotDeliveries<F> {
    pub(super) fn new() -> Self {
        Self(EnumValueParser::new())
    }
}

impl<F: ValueEnum + Clone + Send + Sync + 'static> TypedValueParser for NotDeliveries<F> {
    type Value = F;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<F, Error> {
        let deliveries = value.to_str().unwrap_or_default().split(',');
        let deliveries =
            deliveries.map(|name| Delivery::ALL.iter().any(|one| one.as_str() == name));
        if !deliveries.clone().all(|known| known) {
            return self.0.parse_ref(command, argument, value);
        }
        let mut error = Error::new(ErrorKind::InvalidValue).with_cmd(command);
        let written = value.to_string_lossy().into_owned();
        error.insert(ContextKind::InvalidArg, ContextValue::String("--format".into()));
        error.insert(ContextKind::InvalidValue, ContextValue::String(written.clone()));
        let hint = format!("write `--delivery {written}`");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
        Err(error)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.0.possible_values()
    }
}
