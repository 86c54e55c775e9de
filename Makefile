# Two commands matter: `make demo` and `make test`. Both begin with `make prepare`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
PYTHON ?= python3

# In CI a clone is thrown away; what was compiled is kept beside it.
ifdef CI
CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/gongzhi/target
endif
CARGO_TARGET_DIR ?= target
override CARGO_TARGET_DIR := $(abspath $(CARGO_TARGET_DIR))
export CARGO_TARGET_DIR

GONGZHI := $(CARGO_TARGET_DIR)/debug/gongzhi
VENV := $(CARGO_TARGET_DIR)/conformance-venv

.PHONY: help
help: ## Show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20

.PHONY: demo
demo: prepare ## Build the node and run the demonstration: a city, an outage, the sums
	$(CARGO) build --workspace
	$(GONGZHI) demo

# One profile for all of these, so that RocksDB is compiled once.
.PHONY: test
test: prepare ## Everything that is proved, in one go
	$(CARGO) fmt --all --check
	$(MAKE) --no-print-directory clippy
	$(CARGO) build --workspace
	$(FAILPOINTS_BUILD)
	$(CARGO) test --workspace
	$(MAKE) --no-print-directory conformance second

.PHONY: fmt
fmt: ## Format the code
	$(CARGO) fmt --all

.PHONY: clippy
clippy: ## Lint the code; a warning is an error
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy --workspace --all-targets --features gongzhi/failpoints -- -D warnings

.PHONY: planted
planted: ## Plant bugs between the core and its disk and peers; the simulated world must find each
	$(CARGO) test --workspace --test planted

# The node that dies where it is told to is another binary beside the one that is shipped. Only
# its own target is built with the points, so neither replaces the other; RocksDB serves both.
FAILPOINTS_BUILD := $(CARGO) build --workspace --features gongzhi/failpoints --bin gongzhi-failpoints
.PHONY: failpoints
failpoints: ## Kill real nodes between any two durable steps, and start them again
	$(CARGO) build --workspace
	$(FAILPOINTS_BUILD)
	$(CARGO) test --workspace --test failpoints

# The last build that this one must get along with, on the wire and on the disk.
PREVIOUS ?= bfa3905
PREVIOUS_TREE := $(CARGO_TARGET_DIR)/previous
.PHONY: previous
previous: ## Build the node as it was at commit PREVIOUS, beside this one
	rm -rf $(PREVIOUS_TREE) && git worktree prune
	git worktree add --force --detach $(PREVIOUS_TREE) $(PREVIOUS)
	cd $(PREVIOUS_TREE) && $(CARGO) build --workspace --release
	cp $(CARGO_TARGET_DIR)/release/gongzhi $(CARGO_TARGET_DIR)/release/gongzhi-previous
	git worktree remove --force $(PREVIOUS_TREE)

.PHONY: cluster
cluster: prepare previous ## Break real networks, disks, clocks and nodes of the release build, all of it
	$(CARGO) build --workspace --release
	GONGZHI_LAB_ALL=1 $(CARGO) test --workspace --release --test lab

SOAK_SEEDS ?= 5000
BAICHENG_SEEDS ?= 20
.PHONY: baicheng
baicheng: ## Simulate a whole Baicheng for each of the first BAICHENG_SEEDS seeds
	GONGZHI_BAICHENG_SEEDS=$(BAICHENG_SEEDS) $(CARGO) test --workspace --test baicheng -- --nocapture

.PHONY: soak
soak: ## Simulate the worlds of the first SOAK_SEEDS seeds
	GONGZHI_WORLD_SEEDS=$(SOAK_SEEDS) $(CARGO) test --workspace --test worlds -- --nocapture

WORKBOOKS_MINUTES ?= 60
.PHONY: workbooks
workbooks: ## Draw workbooks as offices make them for WORKBOOKS_MINUTES, and compare what is taken in
	GONGZHI_WORKBOOKS_MINUTES=$(WORKBOOKS_MINUTES) \
	  $(CARGO) test --workspace --test drawn -- --nocapture

# A workspace of its own, which compiles the peers. RocksDB it takes from the node's release build.
BENCH := tests/bench
BENCH_RUNS ?= 5
.PHONY: bench
bench: prepare ## Measure gongzhi and its peers at the same work: a table, results.json and plots
	@if command -v npm >/dev/null; then npm ci --silent --prefix $(BENCH)/pouchdb; \
	  else echo 'bench: npm is missing, PouchDB is left out'; fi
	@command -v valgrind >/dev/null || echo 'bench: valgrind is missing, instructions are not counted'
	$(CARGO) build --workspace --release
	rocksdb=$$(ls -t $(CARGO_TARGET_DIR)/release/build/librocksdb-sys-*/out/librocksdb.a | head -1); \
	cd $(BENCH) && ROCKSDB_STATIC=1 ROCKSDB_LIB_DIR=$$(dirname $$rocksdb) \
	  CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)/bench $(CARGO) build --release --locked
	GONGZHI_BUILT=$(CARGO_TARGET_DIR)/release BENCH_DIR=$(CARGO_TARGET_DIR)/bench/data \
	  $(CARGO_TARGET_DIR)/bench/release/bench all --runs $(BENCH_RUNS) --out $(BENCH)

FUZZ_MINUTES ?= 10
.PHONY: fuzz
fuzz: ## Fuzz every decoder of foreign bytes for FUZZ_MINUTES each
	tests/fuzz/fuzz.sh $(FUZZ_MINUTES)

.PHONY: conformance
conformance: $(VENV)/ready ## Check the golden bytes with second readings of the protocol, in Python
	$(VENV)/bin/python -m unittest discover -s tests/conformance/tests
	$(VENV)/bin/python tests/conformance/check.py schema/golden
	$(VENV)/bin/python tests/conformance/check.py schema/golden --flip

.PHONY: second
second: $(VENV)/ready ## Let a second node, written in Python from the protocol alone, work beside real ones
	$(CARGO) build --workspace
	cd tests/conformance && GONGZHI_BIN=$(GONGZHI) $(VENV)/bin/python -m unittest \
	  node.test_joins node.test_acts node.test_open node.test_told

REQUIREMENTS := tests/conformance/requirements.txt
$(VENV)/ready: $(REQUIREMENTS)
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check $(addprefix -r ,$(REQUIREMENTS))
	touch $@

# What each package is for:
#   g++           compiles RocksDB
#   libclang-dev  reads RocksDB's headers for its Rust bindings
#   python3-venv  keeps the conformance checkers' libraries apart from the system's
#   iproute2, util-linux, e2fsprogs   networks, namespaces and disks for real nodes: root only
#   strace, libfaketime               disks that fail, and clocks that lie
.PHONY: prepare
prepare: ## Install what is missing on this machine, and say what
	@command -v $(CARGO) >/dev/null || \
	  { echo 'Rust is missing: install it from https://rustup.rs, then run make again.'; exit 1; }
	@missing=(); \
	command -v c++ >/dev/null || missing+=(g++); \
	[[ -n "$${LIBCLANG_PATH:-}" ]] || compgen -G '/usr/lib/llvm*/lib/libclang.so' >/dev/null \
	  || compgen -G '/usr/lib*/libclang.so' >/dev/null || missing+=(libclang-dev); \
	$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3 python3-venv); \
	if [[ $$(uname) == Linux ]] && (( EUID == 0 )); then \
	  command -v ip >/dev/null || missing+=(iproute2); \
	  command -v unshare >/dev/null || missing+=(util-linux); \
	  command -v mkfs.ext4 >/dev/null || [[ -x /sbin/mkfs.ext4 ]] || missing+=(e2fsprogs); \
	  command -v strace >/dev/null || missing+=(strace); \
	  compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || missing+=(libfaketime); \
	fi; \
	(( $${#missing[@]} )) || exit 0; \
	if ! command -v apt-get >/dev/null; then \
	  echo "Missing here, under its Debian name: $${missing[*]}. Install it, then run make again."; \
	  exit 1; \
	fi; \
	as_root=(); \
	if (( EUID != 0 )); then \
	  command -v sudo >/dev/null || \
	    { echo "Missing: $${missing[*]}. Ask root to run: apt-get install $${missing[*]}"; exit 1; }; \
	  as_root=(sudo); \
	fi; \
	echo "prepare: installing with apt-get: $${missing[*]}"; \
	"$${as_root[@]}" apt-get update -qq; \
	"$${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends "$${missing[@]}"

.PHONY: clean
clean: ## Remove everything that was built
	$(CARGO) clean
	rm -rf $(VENV)
