//! The names of many hosts in short form: `web1 … web400`.

/// The maximum number of parts in a text. If there are more, the last part is the number of the other hosts.
const MOST: usize = 6;

/// Names hosts in the given order. Three or more hosts with consecutive numbers are joined.
pub(super) fn name<'a>(hosts: impl IntoIterator<Item = &'a str>) -> String {
    let mut runs: Vec<Vec<&str>> = Vec::new();
    for host in hosts {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|last| follows(last, host)) => run.push(host),
            _ => runs.push(vec![host]),
        }
    }
    let mut parts: Vec<(String, usize)> = Vec::new();
    for run in runs {
        match run.as_slice() {
            [first, .., last] if run.len() > 2 => {
                parts.push((format!("{first} … {last}"), run.len()));
            }
            few => parts.extend(few.iter().map(|host| ((*host).to_owned(), 1))),
        }
    }
    if parts.len() > MOST {
        let more: usize = parts.drain(MOST - 1..).map(|(_, hosts)| hosts).sum();
        parts.push((format!("and {more} more"), more));
    }
    parts.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(", ")
}

/// The sort key of a name. It puts `web9` before `web10`.
pub(super) fn natural(name: &str) -> (&str, u64, &str) {
    let start = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    let rest = &name[start..];
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    (&name[..start], rest[..digits].parse().unwrap_or(0), &rest[digits..])
}

/// Whether two names differ only in their number, and the second number follows the first number.
fn follows(before: &str, after: &str) -> bool {
    let parts = |name: &'_ str| -> Option<(usize, usize, u64)> {
        let end = name.rfind(|c: char| c.is_ascii_digit())? + 1;
        let start = name[..end].rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
        Some((start, end, name[start..end].parse().ok()?))
    };
    let (Some(one), Some(two)) = (parts(before), parts(after)) else { return false };
    let (start, end, number) = one;
    let padded = before[start..].starts_with('0') || after[two.0..].starts_with('0');
    before[..start] == after[..two.0]
        && before[end..] == after[two.1..]
        && number.checked_add(1) == Some(two.2)
        && (!padded || end - start == two.1 - two.0)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn numbers_that_follow_are_joined() {
        let web: Vec<String> = (1..=400).map(|at| format!("web{at}")).collect();
        assert_eq!(name(web.iter().map(String::as_str)), "web1 … web400");
        for (hosts, short) in [
            (vec!["web1"], "web1"),
            (vec!["web1", "web2"], "web1, web2"),
            (vec!["web09", "web10", "web11", "db"], "web09 … web11, db"),
            (vec!["web9.a", "web10.a", "web11.a", "web12.b"], "web9.a … web11.a, web12.b"),
            (vec!["web08", "web9", "web10"], "web08, web9, web10"),
            (vec!["a", "b", "c", "d", "e", "f", "g"], "a, b, c, d, e, and 2 more"),
        ] {
            assert_eq!(name(hosts), short);
        }
    }
}
