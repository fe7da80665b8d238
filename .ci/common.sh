# What .ci/run and .ci/nightly have in common; sourced by both, at the root of the project.

export CI=true PIP_DISABLE_PIP_VERSION_CHECK=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# pyenv keeps its Pythons out of sight until they are asked for.
if command -v pyenv >/dev/null; then
    PYENV_VERSION=$(pyenv versions --bare | grep -E '^3\.(1[1-9]|[2-9][0-9])\.[0-9]+$' | paste -sd:)
    export PYENV_VERSION
fi
pythons=()
for candidate in python3.11 python3.12 python3.13 python3.14; do
    if "$candidate" -c 'import sys' 2>/dev/null; then pythons+=("$candidate"); fi
done
if [ ${#pythons[@]} -eq 0 ]; then
    echo 'No Python >= 3.11 was found.' >&2
    exit 1
fi
oldest=${pythons[0]}
newest=${pythons[-1]}

test_command=$(sed -n '/<!-- .ci\/run runs this command -->/,/^```$/{/^python3 /p}' README.md)
[ -n "$test_command" ] || { echo 'The README has no test command.' >&2; exit 1; }

# Each job gets a copy of its own, since the README's command makes an environment in it. Tests that
# look for more material beside the project find it there, too.
if [ -d ../shared ]; then ln -s "$(cd ../shared && pwd)" "$scratch/shared"; fi
enter_copy() {
    mkdir "$scratch/$1"
    git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$scratch/$1"
    cd "$scratch/$1"
}

# Runs a command, the README's or one made of it, where `python3` is the given Python.
run_with() {
    "$1" -m venv "$scratch/for-$1"
    PATH="$scratch/for-$1/bin:$PATH" bash -euo pipefail -c "$2"
}
