"""The demo's world: invented people, cameras, cases and footage, with one planted fault of each kind of finding."""
