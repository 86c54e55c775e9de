//! The same node, for tests: it can be told to die between two steps (`node-failpoints`).

fn main() -> std::process::ExitCode {
    gongzhi::main()
}
