# Short names for what is done now and then. `./run` and `./test` need no make.
.PHONY: lint format bench asan tsan fuzz coverage

SOURCES = $(shell git ls-files '*.cpp' '*.h')

lint:
	scripts/setup lint
	clang-format-19 --dry-run --Werror $(SOURCES)
	scripts/build asan-ubsan unit_tests
	git ls-files 'src/**.cpp' | xargs -P $$(nproc) -n 4 clang-tidy-19 -p build/asan-ubsan --quiet

format:
	scripts/setup lint
	clang-format-19 -i $(SOURCES)

bench:
	scripts/setup test
	bench/run

# Everything under AddressSanitizer and UndefinedBehaviorSanitizer, the system tests too.
asan:
	scripts/setup test
	scripts/build asan-ubsan
	npm ci --prefix tests --no-audit --no-fund --loglevel=error
	ctest --test-dir build/asan-ubsan --output-on-failure --no-tests=error

# Everything under ThreadSanitizer, as far as code is ours: libraries are not instrumented.
tsan: export TSAN_OPTIONS = ignore_noninstrumented_modules=1 suppressions=$(CURDIR)/tests/tsan.supp
tsan:
	scripts/setup test
	scripts/build tsan
	npm ci --prefix tests --no-audit --no-fund --loglevel=error
	ctest --test-dir build/tsan --output-on-failure --no-tests=error

# FUZZ_SECONDS a target.
FUZZ_SECONDS ?= 600
fuzz:
	scripts/setup test
	scripts/build fuzz fuzzers
	for fuzzer in build/fuzz/*_fuzz; do \
	  name=$$(basename $$fuzzer _fuzz); mkdir -p build/fuzz/corpus/$$name; \
	  $$fuzzer -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
	    build/fuzz/corpus/$$name tests/fuzz/corpus/$$name || exit 1; \
	done

coverage:
	scripts/setup test
	scripts/build coverage
	ctest --test-dir build/coverage --output-on-failure -L unit
	gcov -n $$(find build/coverage -name '*.gcda') | grep -A1 "File '$(CURDIR)/src"
