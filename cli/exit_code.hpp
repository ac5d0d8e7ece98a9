// What the command's exit code means. docs/cli.md lists the same table.
#pragma once

namespace sequitur::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitRuntime = 1,  // A file cannot be read or written, the disk is full, an input is corrupt under --strict.
  kExitUsage = 2,    // Unknown option, missing argument, inputs that do not fit the rules.
  kExitRules = 3,    // The rule files have errors.
  kExitTests = 4,    // `test`: a test failed.
  kExitFormat = 5,   // `fmt --check`: a file is not in canonical layout.
};

}  // namespace sequitur::cli
