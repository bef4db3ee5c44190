# Completion of emqxctl for bash: source <(emqxctl completion bash)
_emqxctl() {
    local program=$1 kind line
    [[ $(type -t -- "$program") == file ]] || program=emqxctl
    COMPREPLY=()
    {
        IFS= read -r kind
        while IFS= read -r line; do COMPREPLY+=("$line"); done
    } < <(_EMQXCTL_COMPLETE=bash _EMQXCTL_LINE="${COMP_LINE:0:COMP_POINT}" \
        _EMQXCTL_BREAKS="$COMP_WORDBREAKS" "$program" -- 2>/dev/null </dev/null)
    case $kind in
        files) compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")) ;;
        partial) compopt -o nospace 2>/dev/null ;;
    esac
}
complete -o nosort -F _emqxctl emqxctl 2>/dev/null || complete -F _emqxctl emqxctl
