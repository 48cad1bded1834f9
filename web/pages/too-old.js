/** @file Runs only in browsers without ES modules: says so instead of staying blank. */
var words = document.getElementById('too-old');
if (words) words.hidden = false;
document.addEventListener('DOMContentLoaded', function () {
  var late = document.getElementById('too-old');
  if (late) late.hidden = false;
});
