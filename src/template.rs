//! The only template engine. It is strict: a misspelt name in a template is always an error.
//!
//! Takes the text of templates and of a profile's entries; gives [`Engine`], which compiles each text
//! once, when it needs the text. A template may print texts and numbers, loop over lists and test boolean values.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

/// The names of all template variables. A template may use no other variable.
pub const NAMES: [&str; 7] = ["banner", "cluster", "host", "item", "need", "needs", "values"];

/// Compiled templates, by name.
#[derive(Clone, Debug)]
pub struct Engine {
    environment: Environment<'static>,
}

impl Engine {
    /// An engine that finds its templates by `text`: it gives the text of the template that has a name. The engine compiles a
    /// template when it first needs the template.
    pub fn new(text: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let mut environment = Environment::new();
        environment.set_loader(move |name| Ok(text(name)));
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()
            .expect("the default delimiters are valid");
        environment.set_syntax(syntax);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // The types of the plan have already escaped their texts, so the engine must not escape them again: its
        // escaping would put quotes into every file whose name ends in `.yaml`.
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        // `{{ nothing | default("x") }}` would hide a misspelt name from the strict mode.
        environment.remove_filter("default");
        environment.remove_filter("d");
        // If a template prints `True` or `[1, 2]` into a configuration file, the template has a mistake.
        environment.set_formatter(|out, _, value| match value.kind() {
            ValueKind::String | ValueKind::Number => write!(out, "{value}").map_err(Error::from),
            kind => {
                let why = format!("cannot print a {kind} into a file");
                Err(Error::new(ErrorKind::InvalidOperation, why))
            }
        });
        Self { environment }
    }

    /// An engine in which the name of a template is its text.
    pub fn of_texts() -> Self {
        // A text without a brace needs no engine: such a name is that of a template that a text includes.
        Self::new(|text| text.contains('{').then(|| text.to_owned()))
    }

    /// Compiles a template now. It replaces the template that has this name.
    ///
    /// # Errors
    /// The first syntax error of the template.
    pub fn add(&mut self, name: String, text: String) -> Result<(), String> {
        self.environment.add_template_owned(name, text).map_err(|error| reason(&error))
    }

    /// Renders a template.
    ///
    /// # Errors
    /// A name that does not exist, or a value that no file can hold.
    pub fn render(&self, name: &str, context: &Value) -> Result<String, String> {
        let template = self.environment.get_template(name);
        template.and_then(|template| template.render(context)).map_err(|error| reason(&error))
    }

    /// The full names of a template's input variables (`need.export`), sorted.
    ///
    /// # Errors
    /// There is no such template, or its text has a syntax error.
    pub fn inputs(&self, name: &str) -> Result<Vec<String>, String> {
        let template = self.environment.get_template(name).map_err(|error| reason(&error))?;
        let mut inputs: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        inputs.sort_unstable();
        Ok(inputs)
    }
}

/// The text of the engine's error. The text does not contain the values of variables.
fn reason(error: &Error) -> String {
    let line = error.line().map(|line| format!(" (line {line})")).unwrap_or_default();
    format!("{error}{line}")
}
