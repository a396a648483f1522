//! `~SEQ`, `~SEQx` and `~LST` of keepalived.conf(5): a line that keepalived reads once for each value.

/// A sequence: the names, and in each round their values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) names: Vec<String>,
    rounds: Rounds,
    /// The length of the statement, with the blanks after it: the rest of the line is read in each round.
    pub(super) length: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Rounds {
    Numbers { first: i64, step: i64, last: i64, hex: bool },
    Lists(Vec<Vec<String>>),
}

impl Sequence {
    /// Whether a line begins with a sequence.
    pub(super) fn begins(text: &str) -> bool {
        text.starts_with("~SEQ") || text.starts_with("~LST")
    }

    /// Reads the sequence at the begin of a line. The values of macros stand in the parameters already.
    pub(super) fn read(text: &str) -> Option<Self> {
        let hex = text.starts_with("~SEQx");
        let open = if hex { 5 } else { 4 };
        let inside = text.get(open..)?.trim_start().strip_prefix('(')?;
        let (inside, after) = inside.split_once(')')?;
        let length = text.len() - after.trim_start().len();
        if text.starts_with("~LST") {
            let (names, lists) = lists(inside)?;
            return Some(Self { names, rounds: Rounds::Lists(lists), length });
        }
        let (name, numbers) = inside.split_once(',')?;
        let numbers: Option<Vec<i64>> = numbers.split(',').map(|one| number(one.trim())).collect();
        let (first, step, last) = match numbers?[..] {
            // `add_seq` of lib/parser.c.
            [last] => (if last < 0 { -1 } else { 1 }, if last < 1 { -1 } else { 1 }, last),
            [first, last] => (first, if first <= last { 1 } else { -1 }, last),
            [first, step, last] => (first, step, last),
            _ => return None,
        };
        let forward = step != 0 && (last - first).signum() * step.signum() >= 0;
        let positive = !hex || first >= 0 && last >= 0;
        let name = name.trim();
        let rounds = Rounds::Numbers { first, step, last, hex };
        (forward && positive && !name.is_empty()).then(|| Self {
            names: vec![name.to_owned()],
            rounds,
            length,
        })
    }

    /// The number of rounds.
    pub(super) fn count(&self) -> u64 {
        match &self.rounds {
            Rounds::Numbers { first, step, last, .. } => {
                last.abs_diff(*first) / step.unsigned_abs() + 1
            }
            Rounds::Lists(lists) => lists.len() as u64,
        }
    }

    /// The values of each round, in the order of the names.
    pub(super) fn rounds(&self) -> Box<dyn Iterator<Item = Vec<String>> + '_> {
        match &self.rounds {
            Rounds::Lists(lists) => Box::new(lists.iter().cloned()),
            Rounds::Numbers { first, step, hex, .. } => {
                Box::new((0..self.count()).map(move |round| {
                    let value = first + step * i64::try_from(round).unwrap_or_default();
                    vec![if *hex { format!("{value:x}") } else { value.to_string() }]
                }))
            }
        }
    }
}

/// The number of lines that the sequences at the begin of a line give.
pub(super) fn nested(text: &str) -> u64 {
    let (mut count, mut rest) = (1_u64, text);
    while let Some(sequence) = Sequence::begins(rest).then(|| Sequence::read(rest)).flatten() {
        count = count.saturating_mul(sequence.count());
        rest = &rest[sequence.length..];
    }
    count
}

/// A number with commas between groups of three digits.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number as strtol(3) reads it with base 0. Values beyond 2³¹ have no use, and would overflow.
fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let value = match digits {
        // An empty parameter is 0.
        "" => 0,
        _ if !plain => return None,
        _ if digits.starts_with("0x") => i64::from_str_radix(&digits[2..], 16).ok()?,
        _ if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(digits, 8).ok()?,
        _ => digits.parse().ok()?,
    };
    (value <= i64::from(i32::MAX)).then_some(sign * value)
}

/// Reads `NAME, a, b` or `{A, B}, {a, b}, {c, d}`. Missing values are empty.
fn lists(inside: &str) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let mut sets = sets(inside)?.into_iter();
    let names = sets.next().filter(|names| names.iter().all(|name| !name.is_empty()))?;
    let filled = sets.map(|mut set| {
        let fits = set.len() <= names.len();
        set.resize(names.len(), String::new());
        fits.then_some(set)
    });
    let values: Option<Vec<_>> = filled.collect();
    Some((names, values.filter(|values| !values.is_empty())?))
}

/// Splits at the commas outside of braces; braces hold several values.
fn sets(text: &str) -> Option<Vec<Vec<String>>> {
    let mut sets = Vec::new();
    let mut rest = text.trim();
    loop {
        let (set, after) = match rest.strip_prefix('{') {
            Some(inside) => inside.split_once('}').map(|(set, after)| (set, after.trim_start()))?,
            None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
        };
        let whole = rest.starts_with('{');
        let values = set.split(',').map(|one| one.trim().to_owned()).collect();
        sets.push(if whole { values } else { vec![set.trim().to_owned()] });
        match after.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None => return after.is_empty().then_some(sets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(text: &str) -> Option<Vec<String>> {
        Some(Sequence::read(text)?.rounds().map(|one| one.join("/")).collect())
    }

    #[test]
    fn a_sequence_counts() {
        let of = |text: &str| rounds(text).unwrap().join(" ");
        assert_eq!(of("~SEQ(N, 3) x"), "1 2 3");
        assert_eq!(of("~SEQ(N,0x10,18) x"), "16 17 18");
        assert_eq!(of("~SEQ(N, 9, -4, 1) x"), "9 5 1");
        assert_eq!(of("~SEQx (N, 9, 11) x"), "9 a b");
        assert_eq!(of("~LST(A, x, y) z"), "x y");
        assert_eq!(of("~LST({A, B}, {1, 2}, {3}) z"), "1/2 3/");
        for wrong in [
            "~SEQ(N) x",
            "~SEQ(N,--3)",
            "~SEQ(N,0x-1,3)",
            "~SEQ(N, 1, -1, 3)",
            "~SEQ N",
            "~SEQx(N,-1,2)",
            "~LST(A)",
        ] {
            assert_eq!(rounds(wrong), None, "{wrong}");
        }
        assert_eq!(Sequence::read("~SEQ(N, 3)  real").unwrap().length, 12);
        assert_eq!(Sequence::read("~SEQ(N, 0, 0x7fffffff) x").unwrap().count(), 1 << 31);
    }
}
