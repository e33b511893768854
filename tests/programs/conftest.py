"""The programs are material: some look like test files, none is to be collected."""

collect_ignore_glob = ["*"]
