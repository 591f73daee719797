#!/bin/sh
# Installs the real servers that the tests want, where it may (root and apt); says so where it may not.
set -eu
needed=""
command -v dovecot >/dev/null 2>&1 || needed="$needed dovecot-imapd dovecot-lmtpd"
command -v postfix >/dev/null 2>&1 || needed="$needed postfix"
command -v chromium-headless-shell >/dev/null 2>&1 || command -v chromium >/dev/null 2>&1 || needed="$needed chromium-headless-shell"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || needed="$needed postgresql"
# What looks at the console's pages as someone who sees, hears or types otherwise: one file from npm, kept beside other caches.
axe="${XDG_CACHE_HOME:-$HOME/.cache}/luccabot-tests"
if [ ! -f "$axe/node_modules/axe-core/axe.min.js" ]; then
  if command -v npm >/dev/null 2>&1; then
    mkdir -p "$axe"
    npm install --silent --no-save --ignore-scripts --prefix "$axe" axe-core@4.14.1 >/dev/null || {
      [ -z "${CI:-}" ] || exit 1
      echo "axe-core non installato: le prove che lo usano saranno saltate."
    }
  else
    echo "Manca npm: le prove che usano axe-core saranno saltate."
  fi
fi
[ -z "$needed" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Mancano:$needed. Le prove che li usano saranno saltate (servono root e apt per installarli)."
  exit 0
fi
echo "Installo i server per le prove:$needed"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends $needed >/dev/null || {
  [ -z "${CI:-}" ] || exit 1
  echo "Non installati: le prove che li usano saranno saltate."
}
