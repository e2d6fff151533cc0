#!/usr/bin/env bash
# Installs the reventless command, and with PULUMI_VERSION also Pulumi and the reventless
# provider, from the releases on GitHub. Nothing is unpacked whose SHA-256 is not the one in
# the release's list of checksums.
#
# Needs REVENTLESS_VERSION, RUNNER_TEMP and GITHUB_PATH. REVENTLESS_RELEASES and
# PULUMI_RELEASES name other places with the same files, such as a mirror.
set -euo pipefail

version=${REVENTLESS_VERSION#v}
releases=${REVENTLESS_RELEASES:-https://github.com/reventless/pulumi-reventless/releases/download}
pulumi=${PULUMI_VERSION:-}
pulumi=${pulumi#v}
pulumi_releases=${PULUMI_RELEASES:-https://github.com/pulumi/pulumi/releases/download}

fail() {
  # An annotation of the run; % and line feeds have a meaning in it.
  printf '::error title=Set up Reventless::%s\n' "${1//%/%25}"
  exit 1
}

for given in "$version" "$pulumi"; do
  [[ $given =~ ^[0-9A-Za-z.+-]*$ ]] || fail "$given is no version"
done
[ -n "$version" ] || fail "reventless-version is empty: name the release to install"

case $(uname -s) in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  *) fail "there is no release for $(uname -s): run the job on Linux or macOS" ;;
esac
case $(uname -m) in
  x86_64) arch=amd64 pulumi_arch=x64 ;;
  aarch64 | arm64) arch=arm64 pulumi_arch=arm64 ;;
  *) fail "there is no release for $(uname -m): run the job on x86-64 or arm64" ;;
esac

folder=$RUNNER_TEMP/reventless
mkdir -p "$folder/bin" "$folder/downloads"

# download <url> <file>
download() {
  curl --fail --silent --show-error --location --retry 4 --retry-connrefused --output "$folder/downloads/$2" "$1/$2" ||
    fail "$1/$2 could not be downloaded: is there such a release?"
}

hash_of() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# fetch <url> <file> <list of checksums>
fetch() {
  download "$1" "$2"
  [ -f "$folder/downloads/$3" ] || download "$1" "$3"
  local wanted
  wanted=$(awk -v file="$2" '$2 == file || $2 == "*" file {print $1}' "$folder/downloads/$3")
  [ -n "$wanted" ] || fail "$3 of the release has no checksum of $2"
  [ "$(hash_of "$folder/downloads/$2")" = "$wanted" ] || fail "$2 is not what the release says: its SHA-256 is another than in $3"
}

# A + in a version is %2B in an address, and a dot in the name of a file on GitHub.
release=$releases/v${version//+/%2B}
named=${version//+/.}
fetch "$release" "reventless-v$named-$os-$arch.tar.gz" checksums.txt
tar -xzf "$folder/downloads/reventless-v$named-$os-$arch.tar.gz" -C "$folder/bin" reventless
echo "$folder/bin" >>"$GITHUB_PATH"

if [ -n "$pulumi" ]; then
  archive=pulumi-v$pulumi-$os-$pulumi_arch.tar.gz
  fetch "$pulumi_releases/v$pulumi" "$archive" "pulumi-$pulumi-checksums.txt"
  tar -xzf "$folder/downloads/$archive" -C "$folder/bin" --strip-components 1
  provider=pulumi-resource-reventless-v$named-$os-$arch.tar.gz
  fetch "$release" "$provider" checksums.txt
  "$folder/bin/pulumi" plugin install resource reventless "$version" --file "$folder/downloads/$provider"
fi
rm -rf "$folder/downloads"
