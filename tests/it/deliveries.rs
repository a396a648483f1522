//! What is written beside the hosts' trees.

use std::fs;

use lvsgen::embed;

use super::support::{read_tree, session};

fn rendered(arguments: &[&str]) -> (tempfile::TempDir, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let all = [&["render", "--target", "openeuler"], arguments].concat();
    let seen = session(directory.path(), &all);
    assert!(seen.ends_with("[exit 0]\n"), "{seen}");
    let paths = read_tree(&directory.path().join("rendered")).into_iter().map(|file| file.path);
    let paths = paths.collect();
    (directory, paths)
}

#[test]
fn tar_holds_an_image_and_is_the_same_every_time() {
    let (first, paths) = rendered(&["--delivery", "tar"]);
    let (second, _) = rendered(&["--delivery", "tar"]);
    let (installed, _) = rendered(&["--delivery", "install"]);
    assert!(paths.iter().all(|path| !path.starts_with("ansible/")));
    for host in ["lvs1", "web1", "web2", "nfs1"] {
        let path = format!("rendered/tar/{host}.tar");
        let bytes = fs::read(first.path().join(&path)).unwrap();
        assert_eq!(bytes, fs::read(second.path().join(&path)).unwrap());
        let into = tempfile::tempdir().unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            assert_eq!((entry.header().uid().unwrap(), entry.header().mtime().unwrap()), (0, 0));
            entry.unpack_in(into.path()).unwrap();
        }
        // The image has the tree, the steps and the program of the install delivery.
        let image = into.path().join("var/lib/lvsgen/example/image");
        let rendered = installed.path().join("rendered");
        let hosts = format!("hosts/{host}");
        assert_eq!(read_tree(&image.join(&hosts)), read_tree(&rendered.join(&hosts)));
        let names: Vec<String> =
            read_tree(&image.join("install")).into_iter().map(|file| file.path).collect();
        assert_eq!(names, ["converge.sh".to_owned(), format!("{host}.steps")]);
        for name in names {
            let read = |root: &std::path::Path| fs::read(root.join("install").join(&name)).unwrap();
            assert_eq!(read(&image), read(&rendered), "{name}");
        }
        let units = into.path().join("etc/systemd/system");
        let enabled = units.join("multi-user.target.wants/lvsgen-first-boot.service");
        assert_eq!(fs::read_to_string(enabled).unwrap(), embed::FIRST_BOOT);
        // Nothing else of the image changes: the unit and its link.
        let others = read_tree(into.path());
        assert_eq!(others.iter().filter(|file| !file.path.starts_with("var/")).count(), 2);
    }
}

#[test]
fn one_host_has_its_own_part_of_every_delivery() {
    let (_, paths) = rendered(&["--host", "web1"]);
    let outside = |path: &&String| !path.contains("web1") && !path.starts_with('.');
    assert_eq!(paths.iter().find(outside), None);
    let (directory, _) = rendered(&["--host", "web1"]);
    let (whole, _) = rendered(&[]);
    for part in ["install/web1.steps", "cloud-init/web1/user-data"] {
        let read = |root: &std::path::Path| fs::read(root.join("rendered").join(part)).unwrap();
        assert_eq!(read(directory.path()), read(whole.path()), "{part}");
    }
    for part in ["cloud-init/web1/user-data", "install/web1.steps"] {
        assert!(paths.iter().any(|path| path == part), "{part}");
    }
    let (_, bare) = rendered(&["--delivery", "none"]);
    assert!(
        bare.iter().all(|path| path.starts_with("hosts/")
            || path.starts_with('.')
            || path == "summary.json")
    );
}

/// A new real server changes only the files of the directors, of the NFS server, of the inventory, and its own.
#[test]
fn another_real_server_touches_only_what_it_must() {
    let tree = |model: &str| {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("cluster.yaml"), model).unwrap();
        session(directory.path(), &["render"]);
        read_tree(&directory.path().join("rendered"))
    };
    let web2 = "  - { name: web2, address: 192.168.10.103 }\n";
    let more = format!("{web2}  - {{ name: web3, address: 192.168.10.105 }}\n");
    let before = tree(embed::EXAMPLE);
    let after = tree(&embed::EXAMPLE.replace(web2, &more));
    let touched = after.iter().filter(|file| !before.contains(file)).map(|file| file.path.as_str());
    let others: Vec<&str> = touched.filter(|path| !path.contains("web3")).collect();
    assert_eq!(
        others,
        [
            ".lvsgen-manifest.json",
            "ansible/inventory.yml",
            "cloud-init/lvs1/user-data",
            "cloud-init/nfs1/user-data",
            "hosts/lvs1/etc/sysconfig/ipvsadm",
            "hosts/nfs1/etc/exports.d/lvsgen-web.exports",
            "hosts/nfs1/etc/firewalld/policies/lvsgen-web.xml",
            "install/lvs1.steps",
            "install/nfs1.steps",
            "summary.json",
            "verify/from_client.sh",
        ]
    );
}
