# What the tests need beside Go: found, or installed where that is possible.
# Sourced by test.sh; it sets and exports what it found and notes in the array
# `absent` what it could not get, in words for a person.
#
#   CAUSEWAY_CHROMIUM  the browser
#   CAUSEWAY_AXE       axe.min.js, the accessibility rules run inside the pages
#
# shellcheck shell=bash

absent=()

# axe-core is a test-only file; its exact bytes are pinned.
AXE_VERSION=4.14.1
AXE_SHA256=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c

may_install() { [ "$(id -u)" = 0 ] && [ -r /etc/debian_version ] && command -v apt-get >/dev/null; }

# debian COMMAND... : apt-get, without questions.
debian() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null; }

apt_ready=
# refresh : Debian's list of packages, once, if we may install any.
refresh() {
	may_install || return 1
	[ -n "$apt_ready" ] || debian update >&2 || return 1
	apt_ready=yes
}

# install PACKAGE... : from Debian, if we may.
install() {
	refresh || return 1
	echo "installing: $*" >&2
	debian install -y --no-install-recommends "$@" >/dev/null
}

# need NAME PACKAGES CHECK... : CHECK must succeed, if need be after installing.
need() {
	local name=$1 packages=$2
	shift 2
	"$@" >/dev/null 2>&1 && return
	# shellcheck disable=SC2086 # the list is ours
	if install $packages && "$@" >/dev/null 2>&1; then return; fi
	absent+=("$name: install it with: apt-get install $packages")
	return 1
}

find_chromium() {
	local name
	for name in "${CAUSEWAY_CHROMIUM:-}" chromium chromium-browser google-chrome; do
		[ -n "$name" ] && command -v "$name" && return
	done
	return 1
}

has_arabic_font() { [ -n "$(fc-list :lang=ar)" ]; }

axe_is_right() { echo "$AXE_SHA256  $1" | sha256sum -c --status 2>/dev/null; }

get_axe() {
	local file=$PWD/.tools/node_modules/axe-core/axe.min.js
	if ! axe_is_right "$file"; then
		need "npm (fetches axe-core)" npm command -v npm || return
		mkdir -p .tools
		npm install --prefix .tools --no-save --no-package-lock --ignore-scripts --no-audit --no-fund \
			--loglevel=error "axe-core@$AXE_VERSION" </dev/null >&2 || true
	fi
	if axe_is_right "$file"; then
		export CAUSEWAY_AXE=$file
	else
		absent+=("axe-core $AXE_VERSION: npm could not fetch it, or its bytes are not the pinned ones")
	fi
}

# get_promtool takes the one program out of its package: installing the package
# would start a server.
get_promtool() {
	export PATH=$PATH:$PWD/.tools/usr/bin
	command -v promtool >/dev/null && return
	if refresh; then
		echo "fetching: promtool" >&2
		mkdir -p .tools
		(
			cd .tools
			debian download prometheus >/dev/null && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
			rm -f prometheus_*.deb
		) || true
	fi
	command -v promtool >/dev/null || absent+=("promtool (tries the alert rules): on Debian it is in the package prometheus")
}

get_deps() {
	need "PostgreSQL" postgresql scripts/pg.sh bin || true
	if need "Chromium" "chromium fonts-noto-core" find_chromium; then
		CAUSEWAY_CHROMIUM=$(find_chromium)
		export CAUSEWAY_CHROMIUM
		need "fonts with Arabic" "fontconfig fonts-noto-core" has_arabic_font || true
		get_axe
	fi
	get_promtool
	need "a C compiler (race detector)" "gcc libc6-dev" command -v gcc || true
}
