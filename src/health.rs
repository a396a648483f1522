//! The vocabulary of health checks: the question that a director asks a real server, and its times.
//!
//! Takes nothing. Gives types that do not depend on a file format. The plan decides the checks, `formats::keepalived`
//! reads and writes them, and readback compares them with the model.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A health check of one real server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Check {
    /// The question.
    #[serde(flatten)]
    pub question: Question,
    /// The address to ask; `None` for the address of the real server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The port to ask; `None` if the question has no port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The times.
    #[serde(flatten)]
    pub times: Times,
}

/// The way of a check's packets through the IPVS table. The packets carry a mark whose service has only this real server, so
/// they reach the real server as the packets of a client do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CheckPath {
    /// The mark. Each real server has its own mark.
    pub mark: u32,
    /// The director's own address. Without it, the VIP would be the source of the check, and the answer would be lost.
    pub source: IpAddr,
}

/// The first mark of the paths of checks. The real servers have this mark and the following ones, in the order of the
/// model.
pub const FIRST_CHECK_MARK: u32 = 1001;

/// The question of a check.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "question")]
pub enum Question {
    /// Does the port accept a TCP connection?
    Tcp,
    /// Does the port leave a datagram without an ICMP error?
    Udp,
    /// Does a page have a good status?
    Page {
        /// Whether the page is asked for over TLS.
        secure: bool,
        /// The path of the page.
        path: String,
        /// The name of the site.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host: Option<String>,
        /// The first good status code.
        first_status: u16,
        /// The last good status code.
        last_status: u16,
    },
    /// Does the server resolve a name?
    Name {
        /// The name.
        name: String,
    },
    /// Does the mail server greet?
    Mail,
    /// Does the host answer ICMP echo requests?
    Echo,
    /// Does a program end with the status 0?
    Command {
        /// The path of the program. Its arguments are the address and the port of the real server.
        path: String,
    },
}

/// The times of a check, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Times {
    /// The time between two checks.
    pub interval: u32,
    /// The time to wait for an answer.
    pub timeout: u32,
    /// The number of further attempts.
    pub retries: u32,
    /// The time before a further attempt.
    pub retry_delay: u32,
}

impl Times {
    /// The longest time from the death of a real server until it leaves the table, in seconds: one interval, and every
    /// attempt runs into its timeout.
    pub fn until_removed(self) -> u64 {
        let [interval, timeout, retries, delay] =
            [self.interval, self.timeout, self.retries, self.retry_delay].map(u64::from);
        interval + timeout + retries * (delay + timeout)
    }
}
