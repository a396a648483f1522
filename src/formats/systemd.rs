//! systemd.unit(5), systemd.service(5) and systemd.mount(5): a unit, or a drop-in of a unit.

use std::net::IpAddr;

use super::ini::{IniEntry, entries};
use super::ip_command::{self, Effect};
use crate::facts::{Fact, FactAt, Reading, RestKind};

/// The keys of `[Unit]`. This list and `INSTALL` come from systemd.unit(5) of version 257. `SHARED` holds the
/// beginnings of more keys.
const UNIT: &[&str] = &[
    "After",
    "AllowIsolate",
    "Before",
    "BindsTo",
    "CollectMode",
    "Conflicts",
    "DefaultDependencies",
    "Description",
    "Documentation",
    "FailureAction",
    "FailureActionExitStatus",
    "IgnoreOnIsolate",
    "JobRunningTimeoutSec",
    "JobTimeoutAction",
    "JobTimeoutRebootArgument",
    "JobTimeoutSec",
    "JoinsNamespaceOf",
    "OnFailure",
    "OnFailureJobMode",
    "OnSuccess",
    "OnSuccessJobMode",
    "PartOf",
    "PropagatesReloadTo",
    "PropagatesStopTo",
    "RebootArgument",
    "RefuseManualStart",
    "RefuseManualStop",
    "ReloadPropagatedFrom",
    "RequiredBy",
    "Requires",
    "RequiresMountsFor",
    "Requisite",
    "SourcePath",
    "StartLimitAction",
    "StartLimitBurst",
    "StartLimitIntervalSec",
    "StopPropagatedFrom",
    "StopWhenUnneeded",
    "SuccessAction",
    "SuccessActionExitStatus",
    "SurviveFinalKillSignal",
    "Upholds",
    "WantedBy",
    "Wants",
    "WantsMountsFor",
];
const INSTALL: &[&str] =
    &["Alias", "Also", "DefaultInstance", "RequiredBy", "UpheldBy", "WantedBy"];
const SERVICE: &[&str] = &[
    "BusName",
    "ExecCondition",
    "ExecReload",
    "ExecStart",
    "ExecStartPost",
    "ExecStartPre",
    "ExecStop",
    "ExecStopPost",
    "ExitType",
    "FileDescriptorStoreMax",
    "FileDescriptorStorePreserve",
    "GuessMainPID",
    "NonBlocking",
    "NotifyAccess",
    "OOMPolicy",
    "OpenFile",
    "PIDFile",
    "ReloadSignal",
    "RemainAfterExit",
    "Restart",
    "RestartForceExitStatus",
    "RestartMaxDelaySec",
    "RestartMode",
    "RestartPreventExitStatus",
    "RestartSec",
    "RestartSteps",
    "RootDirectoryStartOnly",
    "RuntimeMaxSec",
    "RuntimeRandomizedExtraSec",
    "Sockets",
    "SuccessExitStatus",
    "TimeoutAbortSec",
    "TimeoutSec",
    "TimeoutStartFailureMode",
    "TimeoutStartSec",
    "TimeoutStopFailureMode",
    "TimeoutStopSec",
    "Type",
    "USBFunctionDescriptors",
    "USBFunctionStrings",
    "WatchdogSec",
];
const MOUNT: &[&str] = &[
    "DirectoryMode",
    "ForceUnmount",
    "LazyUnmount",
    "Options",
    "ReadWriteOnly",
    "SloppyOptions",
    "TimeoutSec",
    "Type",
    "What",
    "Where",
];
const AUTOMOUNT: &[&str] = &["DirectoryMode", "ExtraOptions", "TimeoutIdleSec", "Where"];
const TIMER: &[&str] = &[
    "AccuracySec",
    "DeferReactivation",
    "FixedRandomDelay",
    "OnActiveSec",
    "OnBootSec",
    "OnCalendar",
    "OnClockChange",
    "OnStartupSec",
    "OnTimezoneChange",
    "OnUnitActiveSec",
    "OnUnitInactiveSec",
    "Persistent",
    "RandomizedDelaySec",
    "RemainAfterElapse",
    "Unit",
    "WakeSystem",
];

/// The beginnings of keys that services, mounts and timers share (systemd.exec(5), systemd.kill(5),
/// systemd.resource-control(5)), and the beginnings of the conditions of a unit.
const SHARED: &[&str] = &[
    "Ambient",
    "AppArmorProfile",
    "Assert",
    "Bind",
    "BlockIO",
    "CPU",
    "Cache",
    "Capability",
    "Condition",
    "Configuration",
    "CoreScheduling",
    "CoredumpFilter",
    "Delegate",
    "Device",
    "DisableControllers",
    "DynamicUser",
    "Environment",
    "ExecPaths",
    "ExecSearchPath",
    "Extension",
    "FinalKillSignal",
    "Group",
    "IO",
    "IP",
    "IgnoreSIGPIPE",
    "ImportCredential",
    "Inaccessible",
    "KeyringMode",
    "Kill",
    "Limit",
    "LoadCredential",
    "LockPersonality",
    "Log",
    "Logs",
    "ManagedOOM",
    "Memory",
    "Mount",
    "NFTSet",
    "NUMA",
    "Network",
    "Nice",
    "NoExecPaths",
    "NoNewPrivileges",
    "OOMScoreAdjust",
    "PAMName",
    "PassEnvironment",
    "Personality",
    "Private",
    "ProcSubset",
    "Protect",
    "ReadOnlyPaths",
    "ReadWritePaths",
    "RemoveIPC",
    "RestartKillSignal",
    "Restrict",
    "Root",
    "Runtime",
    "SELinuxContext",
    "SecureBits",
    "SendSIG",
    "SetCredential",
    "SetLoginEnvironment",
    "Slice",
    "SmackProcessLabel",
    "SocketBind",
    "Standard",
    "StartLimit",
    "Startup",
    "State",
    "Supplementary",
    "SyslogFacility",
    "SyslogIdentifier",
    "SyslogLevel",
    "SystemCall",
    "TTY",
    "TasksMax",
    "TemporaryFileSystem",
    "TimerSlackNSec",
    "UMask",
    "UnsetEnvironment",
    "User",
    "UtmpIdentifier",
    "UtmpMode",
    "WatchdogSignal",
    "WorkingDirectory",
];

/// Reads the addresses and routes that a service's commands set, and the NFS share of a mount.
pub fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let entries = entries(text, &mut reading);
    let mount = mount(&entries, &mut reading);
    for entry in &entries {
        if mount && entry.section == "Mount" && matches!(entry.key, "What" | "Where") {
            continue;
        }
        match (entry.section, entry.key) {
            // An empty value removes the commands of the unit.
            ("Service", _) if entry.key.starts_with("Exec") && entry.value.is_empty() => {
                reading.leave(RestKind::Lost, entry.span(), "an empty list of commands");
            }
            ("Service", "ExecStart" | "ExecStartPre" | "ExecStartPost") => {
                match ip_command::read(entry.value) {
                    Effect::Fact(fact) => reading.fact(fact, entry.span()),
                    Effect::Rest(kind, reason) => reading.leave(kind, entry.span(), reason),
                }
            }
            ("Automount", "Where") => {
                reading.fact(Fact::Automount(entry.value.to_owned()), entry.span());
            }
            _ => leave(entry, &mut reading),
        }
    }
    reading
}

fn leave(entry: &IniEntry<'_>, reading: &mut Reading) {
    let keys = match entry.section {
        "Unit" => UNIT,
        "Install" => INSTALL,
        "Service" => SERVICE,
        "Mount" => MOUNT,
        "Automount" => AUTOMOUNT,
        "Timer" => TIMER,
        section if section.starts_with("X-") => {
            return reading.leave(RestKind::Unused, entry.span(), "a section of another tool");
        }
        _ => {
            let reason = "lvsgen knows no such section of a unit";
            return reading.leave(RestKind::Unknown, entry.span(), reason);
        }
    };
    let shared = SHARED.iter().any(|start| entry.key.starts_with(start));
    if keys.contains(&entry.key) || shared {
        let (kind, reason) = match entry.key {
            "Description" | "Documentation" => (RestKind::Unused, "text for people"),
            _ => (RestKind::Lost, "lvsgen does not read this key"),
        };
        reading.leave(kind, entry.span(), reason);
    } else {
        // systemd logs "Unknown key" and ignores the line.
        reading.leave(RestKind::Unknown, entry.span(), "the section has no such key");
    }
}

/// Reads `What` and `Where` of a mount. Returns true if both lines are now part of the reading.
fn mount(entries: &[IniEntry<'_>], reading: &mut Reading) -> bool {
    let only = |key: &str| {
        let is_it = |entry: &&IniEntry<'_>| entry.section == "Mount" && entry.key == key;
        let mut found = entries.iter().filter(is_it);
        match (found.next(), found.next()) {
            (Some(entry), None) => Some(entry),
            _ => None,
        }
    };
    let (Some(what), Some(at)) = (only("What"), only("Where")) else {
        return false;
    };
    let spans = vec![what.span(), at.span()];
    match share(what.value) {
        Some((address, directory)) => {
            let fact = Fact::Mount { address, directory, at: at.value.to_owned() };
            reading.facts.push(FactAt { fact, spans });
        }
        None => {
            for span in spans {
                reading.leave(RestKind::Lost, span, "the share is not `ADDRESS:/PATH`");
            }
        }
    }
    true
}

/// The address and the directory of an NFS share.
fn share(text: &str) -> Option<(IpAddr, String)> {
    let (server, directory) = text.rsplit_once(":/")?;
    let inner = server.strip_prefix('[').and_then(|server| server.strip_suffix(']'));
    Some((inner.unwrap_or(server).parse().ok()?, format!("/{directory}")))
}
