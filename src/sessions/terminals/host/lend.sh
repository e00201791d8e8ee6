# The text of a command on the terminal of a channel, where nothing keeps one: the session's part of it, beside its shell. It leaves what is to
# run there to that channel (lt.<word>), which waits for that, and ends as that does. Set before this text: what inside.sh says, _hf_t the word,
# _hf_c columns, _hf_l rows. A channel that is gone hangs up its terminal, and all that runs there.
export PWD
_hf_o=$_hf_d/b _hf_m=$(umask)
umask 077
export -p >"${_hf_o}v.$_hf_k"
mkfifo "${_hf_o}l.$_hf_k" || exit 75
# both ends: so neither waits to be opened
exec 8<>"${_hf_o}l.$_hf_k" 7<"${_hf_o}l.$_hf_k"
cat >"${_hf_o}v.$_hf_k.n" <<_hf_end
rm -f "\$0"
trap : 2 3 15
exec 9<>'${_hf_o}l.$_hf_k'
'$_hf_s' $_hf_f -c '. "\$1/bv.\$2" >/dev/null 2>&1; umask $_hf_m; cd -- "\$PWD"; $_hf_i' '$_hf_d/bt.$_hf_k' '$_hf_d' $_hf_k $_hf_c $_hf_l '$SHELL' 9>&-
r=\$?
echo \$r >&9
exit \$r
_hf_end
mv "${_hf_o}v.$_hf_k.n" "$_hf_d/lt.$_hf_t"
n=0; until [ -s "${_hf_o}w.$_hf_k" ] || [ $n -ge 600 ]; do n=$((n+1)); sleep 0.05 2>/dev/null || { sleep 1; n=$((n+19)); }; done
_hf_r=75
if [ $n -lt 600 ]; then
  # its status; where nobody is left to tell it, the terminal was hung up: by that its leader ends, and the kernel passes it on to its foreground
  exec 8>&-
  read -r _hf_r <&7 || _hf_r=129
else
  echo 'holdfast: no connection has brought the terminal' >&2
fi
exit $_hf_r
