//! Escapes text for HTML and for the names of systemd units.

use serde::Serialize;

use crate::model::AbsolutePath;

/// Text that is escaped for HTML. It is safe between tags and in quoted attributes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Html(String);

impl Html {
    /// Escapes a text.
    pub fn escape(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                c => html.push(c),
            }
        }
        Self(html)
    }

    /// The escaped text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of the systemd unit of a kind (`mount`, `automount`) for a path. The name must match the path: systemd assigns a
/// unit with a different name to another path (systemd.unit(5), "String escaping for inclusion in unit names").
pub(super) fn path_unit(path: &AbsolutePath, kind: &str) -> String {
    let mut unit = String::new();
    for (at, byte) in path.as_str().trim_start_matches('/').bytes().enumerate() {
        match byte {
            b'/' => unit.push('-'),
            b'.' if at > 0 => unit.push('.'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b':' => unit.push(byte.into()),
            other => unit.push_str(&format!("\\x{other:02x}")),
        }
    }
    format!("{unit}.{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_holds_no_markup() {
        let html = Html::escape("节点1 <b class=\"x\">&'");
        assert_eq!(html.as_str(), "节点1 &lt;b class=&quot;x&quot;&gt;&amp;&#39;");
    }

    #[test]
    fn mount_units_are_named_as_systemd_escape_does() {
        for (path, unit) in [
            ("/var/www/html", "var-www-html.mount"),
            ("/srv/web-data", "srv-web\\x2ddata.mount"),
            ("/.hidden/a.b", "\\x2ehidden-a.b.mount"),
            ("/a+b@c", "a\\x2bb\\x40c.mount"),
        ] {
            assert_eq!(path_unit(&AbsolutePath::new(path).unwrap(), "mount"), unit);
        }
    }
}
