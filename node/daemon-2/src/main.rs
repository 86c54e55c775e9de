//! The binary that is shipped.

fn main() -> std::process::ExitCode {
    gongzhi::main()
}
