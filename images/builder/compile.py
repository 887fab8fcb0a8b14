"""Byte-compiles the files of a layer with unchecked hashes: valid whatever their times, the same bytes in every build."""
import compileall
import multiprocessing
import py_compile

# How a constant is written depends on what the process has compiled before: so every process gets the same files in the
# same order on every machine, however many processors it has.
PROCESSES = 4


def compile_files(names):
    for name in names:
        compileall.compile_file(name, force=True, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


if __name__ == "__main__":
    with open("/run/build/sources") as listing:
        sources = ["/" + name for name in listing.read().split("\0") if name]
    workers = [multiprocessing.Process(target=compile_files, args=(sources[i::PROCESSES],)) for i in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if any(worker.exitcode != 0 for worker in workers):
        raise SystemExit("a file could not be compiled")
