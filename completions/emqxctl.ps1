# Completion of emqxctl for PowerShell: emqxctl completion powershell | Out-String | iex
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
