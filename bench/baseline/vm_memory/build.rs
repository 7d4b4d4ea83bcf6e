// SPDX-License-Identifier: BSD-2-Clause

//! Tells lib.rs the version of the compiler: "rustc 1.63.0".

use std::env;
use std::process::Command;

fn main() {
    let rustc = env::var("RUSTC").unwrap();
    let said = Command::new(rustc).arg("--version").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let version: Vec<&str> = said.split_whitespace().take(2).collect();

    println!("cargo:rustc-env=RUSTC_VERSION={}", version.join(" "));
}
