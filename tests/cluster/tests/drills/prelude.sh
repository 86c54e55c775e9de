# What stands between the commands of the README and the shell that runs them: `gongzhi run` gets a
# terminal of its own, recovery phrases are written down and typed in, and what fails is noted.

mkdir -p phrases usb
: > failures

option() { # OPTION COMMAND...: its value
  local name=$1; shift
  while [ $# -gt 0 ]; do
    [ "$1" = "$name" ] && { printf '%s' "$2"; return; }
    shift
  done
}

lineage() { # FOLDER
  command gongzhi lineage show --json --data "$1" | grep -o '"lineage": *"[0-9a-f]*"' | head -n 1 | cut -d '"' -f 4
}

paper() { # COMMAND...: the file with the phrase that the command asks for
  case "$1" in
    root) printf phrases/root ;;
    *) printf 'phrases/%s' "$(lineage "$(option --data "$@")")" ;;
  esac
}

gongzhi() {
  local data phrase=() out code shown
  data=$(option --data "$@")
  case "$1 $2" in
    run\ *) launch "$@"; return ;;
    'keys rotate' | 'lineage rotate' | 'root succeed') phrase=(--phrase-file "$(paper "$@")") ;;
  esac
  out=$(command gongzhi "$@" "${phrase[@]}" 2> errors)
  code=$?
  printf '%s\n' "$out"
  # Some rows of the first import are refused, as the README says.
  if [ $code -ne 0 ] && [ "$1 $code" != 'import 3' ]; then
    { printf 'code %s: gongzhi %s\n' $code "$*"; cat errors; } >> failures
  fi
  mapfile -t shown < <(printf '%s\n' "$out" | grep -E '^    [^ ]{4} [^ ]{4} [^ ]{4}$')
  if [ ${#shown[@]} -gt 0 ]; then
    case "$1 $2" in
      'root succeed') printf '%s' "${shown[0]}" > phrases/root ;;
      init\ *)
        printf '%s' "${shown[0]}" > "phrases/$(printf '%s' "$out" | grep -o '谱系 [0-9a-f]*' | cut -d ' ' -f 2)"
        [ ${#shown[@]} -lt 2 ] || printf '%s' "${shown[1]}" > phrases/root
        ;;
      *) printf '%s' "${shown[0]}" > "phrases/$(lineage "$data")" ;;
    esac
  fi
  return $code
}

launch() { # run ...: returns once the node answers
  local data
  data=$(option --data "$@")
  # The log says all that it ever says: it names no person.
  GONGZHI_LOG=warn,gongzhi=trace,node_replication=trace,node_records=trace,node_store=trace command gongzhi "$@" --mdns false --redial-ms-max 500 >> "$data.log" 2>&1 < /dev/null &
  printf '%s' $! > "$data.pid"
  until command gongzhi events --data "$data" > /dev/null 2>&1; do
    kill -0 "$(cat "$data.pid")" || { printf 'gongzhi %s ended\n' "$*" >> failures; return 1; }
    sleep 0.1
  done
}

stop() { # FOLDER [SIGNAL]
  kill -"${2:-INT}" "$(cat "$1.pid")"
  wait "$(cat "$1.pid")"
  rm -f "$1.pid"
}
