# The text of a command on a terminal that is kept on the host: runs beside the session's shell as any other does (see sibling.sh). Set before
# this text: what inside.sh says, _hf_by what keeps the terminal, _hf_c columns, _hf_l rows.
_hf_keep "$_hf_by" "'$_hf_s' $_hf_f -c '$_hf_i' '$_hf_d/bt.$_hf_k' '$_hf_d' $_hf_k $_hf_c $_hf_l '$SHELL'"
