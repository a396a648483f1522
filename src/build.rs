//! Makes cargo rebuild when a playbook, a template or a profile is added. `include_dir!` itself does not
//! notice new files.

fn main() {
    println!("cargo::rerun-if-changed=playbooks");
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=profiles");
}
