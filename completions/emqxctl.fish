# Completion of emqxctl for fish: emqxctl completion fish > ~/.config/fish/completions/emqxctl.fish
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
