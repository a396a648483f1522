//! Makes cargo rebuild when a template or a profile is added: `include_dir!` does not notice new files by itself.

fn main() {
    println!("cargo::rerun-if-changed=playbooks");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=profiles");
}
