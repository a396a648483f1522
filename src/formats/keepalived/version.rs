//! The versions of keepalived, and the settings that a version knows.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use crate::keyword::keywords;

/// A version of keepalived, such as 2.2.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([u16; 3]);

keywords! {
    /// A setting that not every version knows. The keyword is that of keepalived.conf(5), except for `weight 0`.
    Feature, "a setting of keepalived",
    /// A real server with the weight 0 in the file.
    WeightZero = "weight 0",
    /// A weight that comes from a file: the drain of a real server.
    FileCheck = "FILE_CHECK",
    /// The check of a UDP port.
    UdpCheck = "UDP_CHECK",
    /// The check by ICMP echo.
    PingCheck = "PING_CHECK",
    /// The real-time priority that keepalived takes when it is slow.
    MaxAutoPriority = "max_auto_priority",
    /// A reload refuses a wrong file.
    ReloadCheckConfig = "reload_check_config",
}

impl Feature {
    /// The first version with the setting (keyword tables of the releases).
    pub fn since(self) -> Version {
        Version(match self {
            // 2.1.0 to 2.1.5 read the weight 0 as 1 at a start.
            Self::WeightZero => [2, 2, 0],
            Self::FileCheck | Self::UdpCheck | Self::PingCheck | Self::MaxAutoPriority => [2, 1, 0],
            Self::ReloadCheckConfig => [2, 2, 0],
        })
    }
}

impl Version {
    /// Whether the version knows a setting.
    pub fn has(self, feature: Feature) -> bool {
        self >= feature.since()
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<u16> =
            text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok().map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let fault = || serde::de::Error::custom("write a version of keepalived, such as \"2.2.8\"");
        Self::parse(&text).ok_or_else(fault)
    }
}

impl JsonSchema for Version {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A version of keepalived, such as `2.2.8`.",
            "type": "string",
            "pattern": r"^\d+\.\d+\.\d+$",
            "examples": ["2.2.8"],
        })
    }
}
