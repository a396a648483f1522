//! Enums whose values are a few fixed keywords. A program reads each keyword, and its spelling is the one that
//! this program expects.
//!
//! Takes a list of variants and keywords; gives an enum, with functions that read, write and serialise the
//! keywords. The source code thus contains each keyword only once.

/// Declares an enum of keywords: `Name, "a noun for messages", Variant = "keyword", …`.
macro_rules! keywords {
    ($(#[$doc:meta])* $type:ident, $what:literal,
     $($(#[$keyword_doc:meta])* $variant:ident = $keyword:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
        pub enum $type {
            $($(#[$keyword_doc])* #[serde(rename = $keyword)] $variant,)+
        }

        impl $type {
            /// All values, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The noun that messages use for a value.
            pub const NOUN: &'static str = $what;

            /// The keyword.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $keyword,)+
                }
            }

            /// Reads the keyword.
            ///
            /// # Errors
            /// The error suggests the keyword with a similar spelling. If there is none, it lists all keywords.
            pub fn new(written: &str) -> Result<Self, String> {
                let all = Self::ALL.iter().map(|value| value.as_str());
                let found = Self::ALL.iter().find(|value| value.as_str() == written);
                found.copied().ok_or_else(|| {
                    let lower = written.to_lowercase();
                    if let Some(keyword) = all.clone().find(|keyword| *keyword == lower) {
                        return format!("write `{keyword}`");
                    }
                    $crate::diagnostic::did_you_mean(written, all.clone()).unwrap_or_else(|| {
                        format!("use one of {}", $crate::diagnostic::quoted(all))
                    })
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let keyword = <String as serde::Deserialize>::deserialize(from)?;
                Self::new(&keyword).map_err(|why| {
                    let cited = $crate::diagnostic::cite(&keyword);
                    serde::de::Error::custom(format!("{cited} is not {}: {why}", $what))
                })
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use keywords;
