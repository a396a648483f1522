//! Imports run one way: each module uses only modules before it in docs/architecture.md. Files and functions
//! stay short.

use std::fs;

use super::support::repository;

/// The modules of the table in docs/architecture.md: data passes through them in this order.
fn flow() -> Vec<String> {
    let text = fs::read_to_string(repository().join("docs/architecture.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).collect()
}

/// Every Rust file below `src`, apart from the roots of crates: its path and its text.
fn sources() -> Vec<(String, String)> {
    let src = repository().join("src");
    let paths = lvsgen::output::files_below(&src).unwrap().into_iter();
    let paths = paths.filter(|path| path.ends_with(".rs"));
    paths
        .map(|path| (fs::read_to_string(src.join(&path)).unwrap(), path))
        .map(|(text, path)| (path, text))
        .collect()
}

const ROOTS: [&str; 3] = ["lib.rs", "main.rs", "build.rs"];

#[test]
fn every_module_uses_only_those_before_it() {
    let flow = flow();
    let place = |path: &str| {
        let first = path.split(['/', '.']).next()?;
        flow.iter().position(|module| *module == first)
    };
    let mut seen = vec![false; flow.len()];
    for (path, text) in sources().iter().filter(|(path, _)| !ROOTS.contains(&path.as_str())) {
        let module = place(path).unwrap_or_else(|| panic!("{path} is not in docs/architecture.md"));
        seen[module] = true;
        let depth = path.matches('/').count() + 1;
        let climbs = format!("{}cli", "super::".repeat(depth));
        assert!(!text.contains(&climbs) || path.starts_with("cli"), "{path} climbs to cli");
        // A unit test may use modules of the whole pipeline.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + "crate::".len()..];
            let named: &str =
                rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            if named.is_empty() {
                panic!("{path}: `use crate::{{…}}` hides the modules; write a line for each");
            }
            let used = place(named).unwrap_or_else(|| panic!("{path} uses crate::{named}"));
            assert!(used <= module, "{path} uses {named}, which comes after it in the flow");
        }
    }
    assert_eq!(seen, vec![true; flow.len()], "a module of docs/architecture.md is gone");
    assert!(flow.len() >= 25);
}

#[test]
fn no_file_is_past_four_hundred_lines() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 400, "{path} has {lines} lines: split it");
    }
}

/// The functions of a formatted file with more lines than allowed.
fn long_functions(text: &str, most: usize) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut long = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let signature = bare.split("fn ").next().unwrap();
        let function = bare.contains("fn ")
            && signature.split_whitespace().all(|word| word.starts_with("pub") || word == "const");
        if !function || bare.ends_with(';') || bare.ends_with('}') {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - bare.len()]);
        let length = lines[at..].iter().position(|line| *line == end).map_or(0, |end| end + 1);
        if length > most {
            long.push(format!("{bare} ({length} lines)"));
        }
    }
    long
}

#[test]
fn no_function_is_past_fifty_lines() {
    let mut functions = 0;
    for (path, text) in sources() {
        functions += text.matches("fn ").count();
        assert_eq!(long_functions(&text, 50), [""; 0], "{path}: split it");
    }
    assert!(functions > 500);
    let text = format!("impl A {{\n    pub fn b() {{\n{}    }}\n}}\n", "        c();\n".repeat(49));
    assert_eq!(long_functions(&text, 50).len(), 1);
    assert_eq!(long_functions(&text, 51), [""; 0]);
}

/// An invariant says why it holds.
#[test]
fn every_expect_has_a_reason() {
    for (path, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        assert!(!code.contains(".unwrap()"), "{path}: `unwrap` gives no reason");
        for (at, call) in code.match_indices(".expect(") {
            let reason = code[at + call.len()..].trim_start();
            let name = reason.split(')').next().unwrap();
            if code.contains(&format!("const {name}: &str = \"")) {
                continue;
            }
            let words = reason
                .strip_prefix('"')
                .map_or(0, |text| text.split('"').next().unwrap().split_whitespace().count());
            assert!(words >= 4, "{path}: `expect({}`", reason.lines().next().unwrap());
        }
    }
}
