//! A trace for programs.

use serde_json::{Value, json};

use super::hosts::Hosts;
use super::human::socket;
use super::step::{Event, Outcome, Path, Server, Step};
use super::text::Texts;
use super::walk::Trace;
use crate::kernel::Moment;
use crate::kernel::host::Cause;
use crate::source::Span;

/// The number of the JSON format.
const FORMAT: u32 = 1;

/// Writes a trace.
///
/// # Errors
/// Never: the values are texts and numbers.
pub fn write(trace: &Trace, hosts: &Hosts) -> Result<String, serde_json::Error> {
    let paths: Vec<Value> = trace.paths.iter().map(|path| write_path(trace, path, hosts)).collect();
    let value = json!({ "format": FORMAT, "service": service(trace), "good": trace.is_good(), "paths": paths });
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

/// The service with its protocol.
fn service(trace: &Trace) -> String {
    let socket = socket(trace);
    if socket.contains('/') { socket } else { format!("{socket}/{}", trace.packet.protocol) }
}

fn write_path(trace: &Trace, path: &Path, hosts: &Hosts) -> Value {
    let texts = Texts { hosts, vip: trace.packet.address };
    let steps =
        |steps: &[Step]| steps.iter().map(|step| write_step(step, texts)).collect::<Vec<_>>();
    let server = |server: &Server| {
        json!({
            "host": server.host,
            "share": (server.share * 10_000.0).round() / 10_000.0,
            "forwarding": server.forwarding,
            "steps": steps(&server.steps),
            "outcome": outcome(server.outcome),
        })
    };
    json!({
        "client": path.client.name,
        "address": path.client.address,
        "moments": path.moments.iter().copied().map(moment).collect::<Vec<_>>(),
        "steps": steps(&path.steps),
        "servers": path.servers.iter().map(server).collect::<Vec<_>>(),
        "outcome": outcome(path.outcome),
        "assumptions": path.assumptions,
    })
}

/// The keyword of a moment.
pub fn moment(moment: Moment) -> &'static str {
    match moment {
        Moment::Boot => "boot",
        Moment::Running => "running",
        Moment::Reread => "reread",
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Itself => "itself",
        Outcome::OwnClient => "own-client",
        Outcome::Risky => "risky",
        Outcome::Broken => "broken",
    }
}

fn write_step(step: &Step, texts: Texts<'_>) -> Value {
    let because: Vec<Value> = step.causes.iter().map(|cause| because(cause, texts)).collect();
    json!({
        "host": step.host,
        "event": event(&step.event),
        "text": texts.event(step),
        "because": because,
    })
}

fn because(cause: &Cause, texts: Texts<'_>) -> Value {
    let mut value = json!({ "text": texts.cause(cause).0 });
    let (path, span): (Option<&str>, Option<Span>) = match cause {
        Cause::Setting { by, .. } | Cause::Forwarding { by, .. } => {
            (by.as_ref().map(|(path, _)| path.as_str()), by.as_ref().and_then(|(_, span)| *span))
        }
        Cause::Address(one) => (None, one.place),
        Cause::Route(one) => (None, one.place),
        Cause::Rule(one) => (None, one.place),
        Cause::NoAddress(_) | Cause::NoRoute(_) => (None, None),
    };
    if let Some(span) = span {
        let file = texts.hosts.source.file(span.start);
        let line = file.line(span.start);
        value["file"] = json!(file.name());
        value["line"] = json!(line);
        value["written"] = json!(file.slice(file.lines(line, line)).trim());
    } else if let Some(path) = path {
        value["file"] = json!(path);
    }
    value
}

/// The keyword of an event.
fn event(event: &Event) -> &'static str {
    match event {
        Event::Asks(_) => "asks",
        Event::Answers(_) => "answers",
        Event::Silent(_) => "silent",
        Event::Takes => "takes",
        Event::Finds { .. } => "balances",
        Event::NotBalanced => "not-balanced",
        Event::NoServer => "no-server",
        Event::Sends { .. } => "sends",
        Event::RoutesDirect(_) => "routes-direct",
        Event::IsServer => "is-server",
        Event::Unpacks { .. } => "unpacks",
        Event::CannotUnpack => "cannot-unpack",
        Event::BalancesAgain => "balances-again",
        Event::Drops(_) => "drops",
        Event::PassesOn(_) => "passes-on",
        Event::Replies { .. } => "replies",
        Event::KeepsAnswer => "keeps-answer",
        Event::AsksAs { .. } => "asks-as",
        Event::MissesDirector(_) => "misses-director",
        Event::Translates => "translates",
        Event::OwnClient => "own-client",
        Event::IsDown => "down",
    }
}
