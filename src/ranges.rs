//! Runs of names with consecutive numbers, which people write as one name: `web[1-3]`.
//!
//! Takes names; gives runs of a list, and the name of a run.

/// The smallest number of names of a run. A shorter run is easier to read as a list.
const FEWEST: usize = 3;

/// The maximum number of parts in a sentence.
const MOST: usize = 6;

/// A name with its last number.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Numbered<'a> {
    before: &'a str,
    /// Empty if the name has no number.
    digits: &'a str,
    /// The text after the number, such as a domain.
    after: &'a str,
}

impl<'a> Numbered<'a> {
    fn of(name: &'a str) -> Self {
        let end = name.rfind(|c: char| c.is_ascii_digit()).map_or(name.len(), |at| at + 1);
        let before = name[..end].trim_end_matches(|c: char| c.is_ascii_digit());
        Self { before, digits: &name[before.len()..end], after: &name[end..] }
    }
}

/// Whether the numbers of a run that begins with these digits all have the same length.
fn is_padded(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

/// Whether a name is the next one after `previous` in a run that begins with `first`.
fn follows(first: &str, previous: &str, name: &str) -> bool {
    let Numbered { before, digits, after } = Numbered::of(previous);
    let width = match Numbered::of(first).digits {
        padded if is_padded(padded) => padded.len(),
        _ => 0,
    };
    let next = digits.parse::<u64>().ok().and_then(|number| number.checked_add(1));
    let next = next.map(|number| format!("{number:0width$}"));
    // A model refuses a range such as `[01-100]`.
    let fits = |next: &String| width == 0 || next.len() == width;
    next.filter(fits)
        .is_some_and(|next| Numbered::of(name) == Numbered { before, digits: &next, after })
}

/// Whether a name is the next one after `previous`.
pub(crate) fn is_next(previous: &str, name: &str) -> bool {
    follows(previous, previous, name)
}

/// The order of people: `web2` comes before `web10`.
pub(crate) fn natural(name: &str) -> (&str, usize, &str, &str) {
    let Numbered { before, digits, after } = Numbered::of(name);
    (before, digits.len(), digits, after)
}

/// The name of a run of names, as a model writes it.
pub(crate) fn name(first: &str, last: &str) -> String {
    let Numbered { before, digits, after } = Numbered::of(first);
    format!("{before}[{digits}-{}]{after}", Numbered::of(last).digits)
}

/// Splits a list into runs of elements with consecutive names. `joins` says whether the second element may follow the
/// first one.
pub(crate) fn runs<T>(
    all: &[T],
    name: impl Fn(&T) -> &str,
    joins: impl Fn(&T, &T) -> bool,
) -> Vec<&[T]> {
    let mut runs = Vec::new();
    let mut rest = all;
    while let Some(first) = rest.first() {
        let follow = |pair: &&[T]| {
            follows(name(first), name(&pair[0]), name(&pair[1])) && joins(&pair[0], &pair[1])
        };
        let length = 1 + rest.windows(2).take_while(follow).count();
        let (run, after) = rest.split_at(length);
        match length < FEWEST {
            true => runs.extend(run.chunks(1)),
            false => runs.push(run),
        }
        rest = after;
    }
    runs
}

/// The names as a text: `lvs1, web[1-3]`.
pub(crate) fn listed(names: &[&str]) -> String {
    parts(names).map(|(text, _)| text).collect::<Vec<_>>().join(", ")
}

/// The same for a sentence: with at most [`MOST`] parts. If there are more, the last part is the number of the other names.
pub(crate) fn briefly<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut parts: Vec<(String, usize)> = parts(&names).collect();
    if parts.len() > MOST {
        let more: usize = parts.drain(MOST - 1..).map(|(_, names)| names).sum();
        parts.push((format!("and {more} more"), more));
    }
    parts.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(", ")
}

/// The names and runs, each with the number of its names.
fn parts(names: &[&str]) -> impl Iterator<Item = (String, usize)> {
    let runs = runs(names, |one| one, |_, _| true).into_iter();
    runs.filter_map(|run| match run {
        [] => None,
        [only] => Some(((*only).to_owned(), 1)),
        [first, .., last] => Some((name(first, last), run.len())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_each_other() {
        let next = |one, other| follows(one, one, other);
        assert!(next("web9", "web10") && next("web09", "web10") && !next("web9", "web11"));
        assert!(next("web01", "web02") && !next("web1", "web02") && !next("a1", "b2"));
        assert!(!next("web", "web1") && !next("web2", "web1") && !next("web99", "web0100"));
        // Three numbers of two digits do not stand in one range with a number of three digits.
        assert!(follows("web01", "web10", "web11") && !follows("web01", "web99", "web100"));
        assert!(
            next("web9.a", "web10.a") && !next("web9.a", "web10.b") && !next("web9", "web10.a")
        );
        assert_eq!(name("web09", "web12"), "web[09-12]");
        assert_eq!(listed(&["web1.a", "web2.a", "web3.a", "web4.b"]), "web[1-3].a, web4.b");
        assert_eq!(listed(&["a1", "a2", "b1", "b2", "b3", "c"]), "a1, a2, b[1-3], c");
        assert_eq!(listed(&["web08", "web09", "web10", "web11"]), "web[08-11]");
        assert_eq!(listed(&["web98", "web99", "web100"]), "web[98-100]");
        assert_eq!(listed(&["web08", "web9", "web10"]), "web08, web9, web10");
    }

    #[test]
    fn a_sentence_has_few_parts() {
        let web: Vec<String> = (1..=400).map(|at| format!("web{at}")).collect();
        assert_eq!(briefly(web.iter().map(String::as_str)), "web[1-400]");
        assert_eq!(briefly(["a", "b", "c", "d", "e", "f"]), "a, b, c, d, e, f");
        assert_eq!(
            briefly(["a", "b", "c", "d", "e1", "e2", "e3", "f", "g"]),
            "a, b, c, d, e[1-3], and 2 more"
        );
    }
}
