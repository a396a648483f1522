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
pub fn write(trace: &Trace, hosts: &Hosts) -> Value {
    let paths: Vec<Value> = trace.paths.iter().map(|path| write_path(trace, path, hosts)).collect();
    json!({
        "format": FORMAT,
        "service": service(trace),
        "good": trace.is_good(),
        "paths": paths,
        "missing": trace.missing,
    })
}

/// The service with its protocol.
fn service(trace: &Trace) -> String {
    let socket = socket(trace);
    if socket.contains('/') { socket } else { format!("{socket}/{}", trace.packet.protocol) }
}

fn write_path(trace: &Trace, path: &Path, hosts: &Hosts) -> Value {
    let texts = Texts::new(hosts, trace.packet.address);
    let server = |by: &str, server: &Server| {
        json!({
            "host": server.host,
            "by": by,
            "entry": server.place.map(|span| written(span, texts)),
            "share": (server.share * 10_000.0).round() / 10_000.0,
            "forwarding": server.forwarding,
            "steps": write_steps(&server.steps, texts),
            "outcome": outcome(server.outcome),
        })
    };
    let of_takers = path.takers.iter().flat_map(|taker| &taker.steps);
    let steps = path.steps.iter().chain(of_takers);
    let servers = path
        .takers
        .iter()
        .flat_map(|taker| taker.servers.iter().map(|one| server(&taker.host, one)));
    json!({
        "client": path.client.name,
        "address": path.client.address,
        "moments": path.moments.iter().copied().map(moment).collect::<Vec<_>>(),
        "steps": write_steps(steps, texts),
        "servers": servers.collect::<Vec<_>>(),
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

fn write_steps<'s>(steps: impl IntoIterator<Item = &'s Step>, texts: Texts<'_>) -> Vec<Value> {
    steps.into_iter().map(|step| write_step(step, texts)).collect()
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
        let Value::Object(place) = written(span, texts) else { return value };
        place.into_iter().for_each(|(key, part)| value[key] = part);
    } else if let Some(path) = path {
        value["file"] = json!(path);
    }
    value
}

/// A place: the file, the number of the line, and the line.
fn written(span: Span, texts: Texts<'_>) -> Value {
    let file = texts.hosts.source.file(span.start);
    let line = file.line(span.start);
    json!({
        "file": file.name(),
        "line": line,
        "written": file.slice(file.lines(line, line)).trim(),
    })
}

/// The keyword of an event.
fn event(event: &Event) -> &'static str {
    match event {
        Event::Asks(_) => "asks",
        Event::Answers(_) => "answers",
        Event::Silent(_) => "silent",
        Event::Unreachable(_) => "unreachable",
        Event::Nobody(_) => "nobody",
        Event::Loops(_) => "loops",
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
