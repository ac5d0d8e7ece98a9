/* What a shared library of Sequitur shows: only what is marked SEQUITUR_API. Everything else is compiled with hidden symbols, so
 * that nothing of the engine meets symbols of the program that it is built into. */
#ifndef SEQUITUR_EXPORT_H
#define SEQUITUR_EXPORT_H

#if defined(__GNUC__)
#define SEQUITUR_API __attribute__((visibility("default")))
#else
#define SEQUITUR_API
#endif

#endif
