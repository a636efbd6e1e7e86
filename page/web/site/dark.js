// Dark where the visitor's system is, from the first moment.
const wish = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark', wish.matches);
wish.addEventListener('change', follow);
follow();
