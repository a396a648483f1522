//! The cluster as a drawing in SVG: clients, directors, services, real servers and storage, from left to right. The
//! drawing needs no other file. Its height follows from the longest column.

use super::{ServiceView, View};
use crate::ipvs::Forwarding;
use crate::model::Role;
use crate::plan::Html;

/// The left edge and the width of each column, in pixels.
const CLIENTS: (usize, usize) = (20, 90);
const DIRECTORS: (usize, usize) = (190, 150);
const SERVICES: (usize, usize) = (410, 200);
const SERVERS: (usize, usize) = (740, 180);
const STORAGE: (usize, usize) = (990, 150);

/// The height of a line of text, and the space between two boxes.
const LINE: usize = 16;
const GAP: usize = 14;

/// The space above the columns, which holds the title and the heads of the columns.
const HEAD: usize = 76;

/// The largest number of addresses in the box of a service.
const ADDRESSES: usize = 4;

const STYLE: &str = "svg { font: 12px sans-serif; } text { fill: #222; text-anchor: middle; } .title { font-size: 15px; \
    font-weight: bold; text-anchor: start; } .head { fill: #667; } .name { font-weight: bold; } .box { fill: #eef2f7; \
    stroke: #8a9bb0; } .service { fill: #fff8dc; stroke: #d6c98a; } .request { stroke: #1f5fa8; fill: none; } \
    .answer { stroke: #2c7a3f; stroke-dasharray: 6 3; fill: none; } .share { stroke: #8a9bb0; fill: none; } \
    .label { fill: #1f5fa8; } \
    .halo { stroke: white; stroke-width: 5px; } .green { fill: #2c7a3f; }";

/// A box of a column.
struct Tile {
    class: &'static str,
    lines: Vec<String>,
}

impl Tile {
    fn height(&self) -> usize {
        self.lines.len() * LINE + 12
    }
}

/// A column of boxes, and the top of each box.
struct Column {
    left: usize,
    width: usize,
    tiles: Vec<Tile>,
    tops: Vec<usize>,
}

impl Column {
    /// Puts boxes below each other, in the middle of a height.
    fn new((left, width): (usize, usize), tiles: Vec<Tile>, height: usize) -> Self {
        let own = stack(&tiles);
        let mut y = HEAD + height.saturating_sub(own) / 2;
        let mut tops = Vec::new();
        for tile in &tiles {
            tops.push(y);
            y += tile.height() + GAP;
        }
        Self { left, width, tiles, tops }
    }

    fn right(&self) -> usize {
        self.left + self.width
    }

    fn middle(&self) -> usize {
        self.left + self.width / 2
    }

    /// The vertical middle of a box.
    fn centre(&self, at: usize) -> usize {
        self.tops[at] + self.tiles[at].height() / 2
    }

    fn draw(&self, head: &str, text: &mut String) {
        if !self.tiles.is_empty() {
            let top = self.tops[0] - 10;
            put(
                text,
                &format!("<text class=\"head\" x=\"{}\" y=\"{top}\">{head}</text>", self.middle()),
            );
        }
        for (tile, top) in self.tiles.iter().zip(&self.tops) {
            let (left, width, height, class) = (self.left, self.width, tile.height(), tile.class);
            put(
                text,
                &format!(
                    "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/>"
                ),
            );
            for (at, line) in tile.lines.iter().enumerate() {
                let class = if at == 0 { " class=\"name\"" } else { "" };
                let (x, y) = (self.middle(), top + LINE * (at + 1) + 2);
                let line = Html::escape(line);
                put(text, &format!("<text{class} x=\"{x}\" y=\"{y}\">{}</text>", line.as_str()));
            }
        }
    }
}

/// Draws a cluster.
pub fn write(view: &View<'_>) -> String {
    let (servers, shares) = servers(view);
    let services: Vec<Tile> = view.services.iter().map(service).collect();
    let directors = hosts(view, Role::Director);
    let storage = hosts(view, Role::NfsServer);
    let clients = vec![Tile { class: "box", lines: vec!["clients".to_owned()] }];
    let columns = [&servers, &services, &directors, &storage];
    let height = columns.into_iter().map(|column| stack(column)).max().unwrap_or(0);
    let clients = Column::new(CLIENTS, clients, height);
    let directors = Column::new(DIRECTORS, directors, height);
    let services = Column::new(SERVICES, services, height);
    let servers = Column::new(SERVERS, servers, height);
    let storage = Column::new(STORAGE, storage, height);

    let mut lines = String::new();
    for at in 0..directors.tiles.len() {
        line(&mut lines, "request", (&clients, 0), (&directors, at));
        for service in 0..services.tiles.len() {
            line(&mut lines, "request", (&directors, at), (&services, service));
        }
    }
    for share in &shares {
        line(&mut lines, "share", (&services, share.service), (&servers, share.server));
    }
    for at in 0..storage.tiles.len() {
        for server in 0..servers.tiles.len() {
            line(&mut lines, "share", (&servers, server), (&storage, at));
        }
    }
    for share in &shares {
        label(&mut lines, share, &services, &servers);
    }
    let mut bottom = HEAD + height + GAP;
    if view.services.iter().any(answers_directly) {
        bottom = answers(&mut lines, &clients, &servers, bottom);
    }
    let mut boxes = String::new();
    for (column, head) in [
        (&clients, ""),
        (&directors, "directors"),
        (&services, "services"),
        (&servers, "real servers"),
        (&storage, "storage"),
    ] {
        column.draw(head, &mut boxes);
    }
    let width = if storage.tiles.is_empty() { servers.right() } else { storage.right() } + 20;
    frame(view, (width, bottom + GAP), &(lines + &boxes))
}

fn frame(view: &View<'_>, (width, height): (usize, usize), body: &str) -> String {
    let title = Html::escape(&format!("cluster {}", view.summary.cluster));
    let title = title.as_str();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n\
         <defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>\n\
         <text class=\"title\" x=\"20\" y=\"26\">{title}</text>\n{body}</svg>\n"
    )
}

/// The height of boxes below each other.
fn stack(tiles: &[Tile]) -> usize {
    tiles.iter().map(Tile::height).sum::<usize>() + GAP * tiles.len().saturating_sub(1)
}

fn hosts(view: &View<'_>, role: Role) -> Vec<Tile> {
    let tile = |host: &crate::summary::HostSummary| {
        let mut lines = vec![host.name.to_string()];
        lines.extend(host.addresses.iter().map(ToString::to_string));
        Tile { class: "box", lines }
    };
    view.with(role).map(tile).collect()
}

fn service(service: &ServiceView<'_>) -> Tile {
    let mut lines = vec![service.name.to_string()];
    let packets = service.packets();
    lines.extend(packets.iter().take(ADDRESSES).cloned());
    if packets.len() > ADDRESSES {
        lines.push(format!("and {} more", packets.len() - ADDRESSES));
    }
    lines.push(service.options());
    Tile { class: "service", lines }
}

/// The line from a service to real servers.
struct Share {
    service: usize,
    server: usize,
    label: Option<String>,
}

/// The boxes of the real servers, each once, and the lines of the services to them.
fn servers(view: &View<'_>) -> (Vec<Tile>, Vec<Share>) {
    let (mut names, mut tiles, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for (service, one) in view.services.iter().enumerate() {
        // A weight is a share only beside other weights.
        let first = one.servers.first().map(super::Servers::settings);
        let differ = one.servers.iter().any(|servers| Some(servers.settings()) != first);
        for servers in &one.servers {
            let name = servers.name();
            let server = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                let mut lines = vec![name.clone(), servers.address()];
                if servers.count > 1 {
                    lines.push(format!("{} hosts", servers.count));
                }
                tiles.push(Tile { class: "box", lines });
                names.push(name);
                names.len() - 1
            });
            let plain = servers.first.1.forwarding == Forwarding::Direct;
            let label = (differ || !plain).then(|| servers.settings());
            shares.push(Share { service, server, label });
        }
    }
    (tiles, shares)
}

/// Writes the label of a share on its line, behind the middle, where the lines of a service are apart from each other.
fn label(lines: &mut String, share: &Share, services: &Column, servers: &Column) {
    let Some(label) = &share.label else { return };
    let part = |from: usize, to: usize| (from * 2 + to * 3) / 5;
    let x = part(services.right(), servers.left);
    let y = part(services.centre(share.service), servers.centre(share.server)) + 4;
    let label = Html::escape(label);
    // The white text below the label keeps the lines away from the letters.
    for class in ["halo", "label"] {
        let text = format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", label.as_str());
        put(lines, &text);
    }
}

/// Whether the answers of a service do not pass the director.
fn answers_directly(service: &ServiceView<'_>) -> bool {
    service.servers.iter().any(|servers| servers.first.1.forwarding != Forwarding::Masquerade)
}

/// Draws the way of the answers below all columns; gives the lowest position.
fn answers(lines: &mut String, clients: &Column, servers: &Column, below: usize) -> usize {
    let Some(last) = servers.tops.last().zip(servers.tiles.last()) else { return below };
    let (from, to) = (servers.middle(), clients.middle());
    let start = last.0 + last.1.height();
    let end = clients.tops[0] + clients.tiles[0].height();
    let y = below + 10;
    put(
        lines,
        &format!(
            "<path class=\"answer\" d=\"M{from} {start}L{from} {y}L{to} {y}L{to} {end}\" marker-end=\"url(#end)\"/>"
        ),
    );
    let x = usize::midpoint(from, to);
    let text = "answers go to the clients directly, and not through a director";
    put(lines, &format!("<text class=\"green\" x=\"{x}\" y=\"{}\">{text}</text>", y + LINE));
    y + LINE
}

fn line(text: &mut String, class: &str, from: (&Column, usize), to: (&Column, usize)) {
    let (x1, y1) = (from.0.right(), from.0.centre(from.1));
    let (x2, y2) = (to.0.left, to.0.centre(to.1));
    let marker = if class == "request" { " marker-end=\"url(#end)\"" } else { "" };
    put(
        text,
        &format!(
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{marker}/>"
        ),
    );
}

fn put(text: &mut String, element: &str) {
    *text += element;
    text.push('\n');
}
