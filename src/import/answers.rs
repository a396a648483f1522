//! The answers of the user to questions that no file answers (`--set KEY=VALUE`).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The answers by key, such as `network.gateway` or `directors.lvs1.address`.
#[derive(Debug, Default)]
pub struct Answers {
    values: BTreeMap<String, String>,
    used: RefCell<BTreeSet<String>>,
    invalid: RefCell<BTreeSet<String>>,
    asked: RefCell<BTreeSet<String>>,
}

impl Answers {
    /// Takes `KEY=VALUE` texts.
    ///
    /// # Errors
    /// A text has no `=`, or two texts have the same key.
    pub fn new<'a>(written: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut values = BTreeMap::new();
        for one in written {
            let (key, value) =
                one.split_once('=').ok_or_else(|| format!("`{one}` is not KEY=VALUE"))?;
            if values.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(format!("`{key}` has two answers"));
            }
        }
        Ok(Self { values, ..Self::default() })
    }

    /// The answer to a question.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.asked.borrow_mut().insert(key.to_owned());
        let value = self.values.get(key)?;
        self.used.borrow_mut().insert(key.to_owned());
        Some(value)
    }

    /// Addresses or networks, with `,` between them; `None` if there are none, or if one of them is not valid.
    pub(super) fn list<T: std::str::FromStr>(&self, key: &str) -> Option<Vec<T>> {
        let all: Option<Vec<T>> =
            self.get(key)?.split(',').map(|one| one.trim().parse().ok()).collect();
        if all.is_none() {
            self.invalid.borrow_mut().insert(key.to_owned());
        }
        all
    }

    /// The keys whose answers are not valid.
    pub fn invalid(&self) -> Vec<String> {
        self.invalid.borrow().iter().cloned().collect()
    }

    /// The answers to no question, each with the questions.
    pub fn unused(&self) -> Vec<(&str, Vec<String>)> {
        let used = self.used.borrow();
        let unused = self.values.keys().filter(|key| !used.contains(*key));
        unused.map(|key| (key.as_str(), self.asked.borrow().iter().cloned().collect())).collect()
    }
}
