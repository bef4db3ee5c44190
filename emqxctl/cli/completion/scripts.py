"""The completion script of each shell: passes the typed words to emqxctl and shows what it prints.

Nothing is run when a script is loaded; only TAB starts emqxctl, with its errors discarded.
"""

BASH = r"""# Completion of emqxctl for bash: source <(emqxctl completion bash)
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
"""

ZSH = r"""#compdef emqxctl
# Completion of emqxctl for zsh: emqxctl completion zsh > ~/.zfunc/_emqxctl, or source it after compinit.
_emqxctl() {
    local program=${(Q)words[1]} line
    local -a lines values titles partial_values partial_titles
    program=${~program}
    (( $+commands[$program] )) || [[ -x $program ]] || program=emqxctl
    lines=("${(@f)$(_EMQXCTL_COMPLETE=zsh $program -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" \
        2>/dev/null </dev/null)}")
    if [[ $lines[1] == files ]]; then
        compset -P '--*='
        _files
        return
    fi
    for line in "${(@)lines[2,-1]}"; do
        if [[ $line == +* ]]; then
            partial_values+=("${${line#?}%%$'\t'*}")
            partial_titles+=("${line#*$'\t'}")
        else
            values+=("${${line#?}%%$'\t'*}")
            titles+=("${line#*$'\t'}")
        fi
    done
    local -a lists
    [[ "$lines" == *'  -- '* ]] && lists=(-l)
    (( $#partial_values )) && compadd $lists -V emqxctl -S '' -d partial_titles -a partial_values
    (( $#values )) && compadd $lists -V emqxctl -d titles -a values
    (( $#values + $#partial_values ))
}
if [[ $funcstack[1] == _emqxctl ]]; then
    _emqxctl "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _emqxctl emqxctl
fi
"""

FISH = r"""# Completion of emqxctl for fish: emqxctl completion fish > ~/.config/fish/completions/emqxctl.fish
function __emqxctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l lines (_EMQXCTL_COMPLETE=fish $program -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    if test "$lines[1]" = files
        __fish_complete_path (string replace -r -- '^--[^=]*=' '' "$current")
    else if test (count $lines) -gt 1
        printf '%s\n' $lines[2..-1]
    end
end
complete --command emqxctl --erase
complete --command emqxctl --no-files --keep-order --arguments '(__emqxctl_complete)'
"""

POWERSHELL = r"""# Completion of emqxctl for PowerShell: emqxctl completion powershell | Out-String | iex
Register-ArgumentCompleter -Native -CommandName emqxctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $line = $commandAst.Extent.Text
    $length = $cursorPosition - $commandAst.Extent.StartOffset
    $line = $line.PadRight($length).Substring(0, $length)
    $Env:_EMQXCTL_COMPLETE = 'powershell'
    $Env:_EMQXCTL_LINE = $line
    try { $lines = @(emqxctl -- 2>$null) }
    catch { $lines = @() }
    finally {
        Remove-Item Env:_EMQXCTL_COMPLETE, Env:_EMQXCTL_LINE -ErrorAction SilentlyContinue
    }
    if ($lines.Count -gt 0 -and $lines[0] -eq 'files') { return }
    if ($lines.Count -lt 2) { return '' }
    $lines[1..($lines.Count - 1)] | ForEach-Object {
        $parts = $_ -split "`t"
        [System.Management.Automation.CompletionResult]::new(
            $parts[0], $parts[1], 'ParameterValue', $parts[2])
    }
}
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}
