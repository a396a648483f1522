//! Values that are one of a few words, in ipvsadm's spelling.

macro_rules! words {
    ($(#[$doc:meta])* $type:ident, $what:literal,
     $($(#[$word_doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
        pub enum $type {
            $($(#[$word_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $type {
            /// All of them, in their own order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word itself.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Reads the word.
            ///
            /// # Errors
            /// The nearest word, or all of them.
            pub fn new(written: &str) -> Result<Self, String> {
                let all = Self::ALL.iter().map(|one| one.as_str());
                let found = Self::ALL.iter().find(|one| one.as_str() == written);
                found.copied().ok_or_else(|| {
                    $crate::diagnostic::did_you_mean(written, all.clone()).unwrap_or_else(|| {
                        format!("it is one of {}", $crate::diagnostic::quoted(all))
                    })
                })
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = <String as serde::Deserialize>::deserialize(from)?;
                Self::new(&word).map_err(|why| {
                    let cited = $crate::model::decode::cite(&word);
                    serde::de::Error::custom(format!("{cited} is not {}: {why}", $what))
                })
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::model::decode::Decode for $type {
            fn decode(
                node: &$crate::yaml::Node,
                report: &mut $crate::diagnostic::Report,
            ) -> Option<Self> {
                $crate::model::decode::word(node, $what, Self::new, report)
            }
        }
    };
}

pub(super) use words;

words! {
    /// A transport protocol, ordered as `ipvsadm-save` prints them (by IANA's numbers).
    Protocol, "a protocol",
    /// Transmission Control Protocol.
    Tcp = "tcp",
    /// User Datagram Protocol.
    Udp = "udp",
    /// Stream Control Transmission Protocol.
    Sctp = "sctp",
}

words! {
    /// How a director chooses a real server (ipvsadm(8), `--scheduler`).
    Scheduler, "a scheduler",
    /// Round robin.
    Rr = "rr",
    /// Weighted round robin.
    Wrr = "wrr",
    /// Least connections.
    Lc = "lc",
    /// Weighted least connections.
    Wlc = "wlc",
    /// Locality-based least connections.
    Lblc = "lblc",
    /// Locality-based least connections with replication.
    Lblcr = "lblcr",
    /// Destination hashing.
    Dh = "dh",
    /// Source hashing.
    Sh = "sh",
    /// Shortest expected delay.
    Sed = "sed",
    /// Never queue.
    Nq = "nq",
    /// Weighted failover.
    Fo = "fo",
    /// Weighted overflow.
    Ovf = "ovf",
    /// Maglev hashing (Linux 4.18).
    Mh = "mh",
    /// Power of two choices (Linux 5.13, not built into every kernel).
    Twos = "twos",
}

words! {
    /// A flag of a scheduler, ordered as `ipvsadm-save` prints them.
    SchedulerFlag, "a scheduler flag",
    /// `sh`: take another server when the chosen one has weight 0.
    ShFallback = "sh-fallback",
    /// `sh`: hash the client's port as well.
    ShPort = "sh-port",
    /// `mh`: take another server when the chosen one has weight 0.
    MhFallback = "mh-fallback",
    /// `mh`: hash the client's port as well.
    MhPort = "mh-port",
}

impl SchedulerFlag {
    /// The scheduler that knows the flag; ipvsadm refuses it with any other.
    pub fn scheduler(self) -> Scheduler {
        match self {
            Self::ShFallback | Self::ShPort => Scheduler::Sh,
            Self::MhFallback | Self::MhPort => Scheduler::Mh,
        }
    }
}
