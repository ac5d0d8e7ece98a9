#include "cli/command.hpp"

int main(int argc, char** argv) { return sequitur::cli::run_command(argc, argv); }
