//! Shows how a packet goes from a client to a service, where the packet dies, and which line of a file decides that.
//!
//! Takes the files of hosts: those that lvsgen rendered, or copies of the files of real hosts; gives [`Trace`]. `hosts` makes the
//! kernels of the hosts from facts, and `walk` asks these kernels. This folder knows no rule of the kernel: [`crate::kernel`] has the rules.

mod answers;
mod clients;
mod deliver;
mod diagram;
mod election;
mod hosts;
pub mod human;
pub mod json;
mod kernels;
pub mod mermaid;
mod network;
mod reply;
mod step;
pub mod svg;
mod text;
mod walk;

pub use clients::{Asked, Client};
pub use hosts::Hosts;
pub use network::{Network, Options};
pub use step::{Event, Hop, Outcome, Path, Server, Step};
pub use walk::Trace;
