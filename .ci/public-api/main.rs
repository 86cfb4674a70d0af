//! Prints what a crate makes public, one item a line, from the JSON that rustdoc wrote.

use std::{env, error::Error};

use public_api::Builder;

fn main() -> Result<(), Box<dyn Error>> {
    let json = env::args_os().nth(1).ok_or("name the JSON file that rustdoc wrote")?;
    // What the compiler adds to every type by itself is no choice of ours.
    let builder = Builder::from_rustdoc_json(json).sorted(true);
    let public = builder.omit_blanket_impls(true).omit_auto_trait_impls(true).build()?;
    print!("{public}");
    Ok(())
}
