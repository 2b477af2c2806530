# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Thin wrappers over deps/setup.sh and the CMake presets: `make help` lists them.

# ENGINES=a,b builds only these engines; empty: every default one.
ENGINES ?=
# JOBS=N compilers at once; empty: as many as there are CPUs.
JOBS ?=
PREFIX ?= /usr/local

SETUP := deps/setup.sh $(if $(ENGINES),--engines $(ENGINES))
PARALLEL := $(if $(JOBS),-j $(JOBS))
# Warnings are errors in CI only: a newer compiler must not stop a user's build.
WERROR := $(if $(filter true,$(CI)),-DBAKEOFF_WERROR=ON)
CTEST := ctest --output-on-failure $(PARALLEL)

# The checkout may be anywhere: compiler caches are shared between checkouts.
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup build demo test check asan tsan fuzz bench install clean

help: ## This text
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo 'Variables: ENGINES=a,b  JOBS=N  PREFIX=DIR (install)  BAKEOFF_CACHE=DIR'

setup: ## Install and download what is missing (fast when nothing is)
	@$(SETUP)

build: setup ## Set-up and build: the tool is then build/release/bin/bakeoff
	cmake --preset release $(WERROR)
	cmake --build --preset release $(PARALLEL)

demo: setup ## Set-up, build of the programs alone, and the main job: train, convert, measure, report
	cmake --preset release $(WERROR)
	cmake --build --preset release $(PARALLEL) --target programs
	tools/demo.sh

# Without a browser the tests of the report's page are skipped, the others run.
test: build ## Set-up, build and every test
	@$(SETUP) --with browser || echo 'make: no Chromium here: tests of the report in a browser will be skipped'
	$(CTEST) --preset release

check: setup ## Formatting, clang-tidy, shellcheck and the sanitizer builds
	tools/check.sh
	$(MAKE) asan tsan

asan: setup ## Tests with the address and undefined-behaviour sanitizers
	cmake --preset asan-ubsan $(WERROR)
	cmake --build --preset asan-ubsan $(PARALLEL)
	$(CTEST) --preset asan-ubsan

tsan: setup ## Tests with the thread sanitizer
	cmake --preset tsan $(WERROR)
	cmake --build --preset tsan $(PARALLEL)
	$(CTEST) --preset tsan

fuzz: setup ## Fuzz targets of our readers, FUZZ_SECONDS=60 each (tests/fuzz)
	tools/need.sh clang-19 libclang-rt-19-dev
	cmake --preset fuzz
	cmake --build --preset fuzz $(PARALLEL)
	tests/fuzz/run.sh

bench: ## Benchmarks against peers
	@$(SETUP) --with bench
	cmake --preset release $(WERROR)
	cmake --build --preset release $(PARALLEL)
	bench/run.sh

install: build ## Install to PREFIX: a tree that can be moved
	cmake --install build/release --prefix "$(PREFIX)"

clean: ## Remove the build folder; the cache of downloads stays
	rm -rf build
