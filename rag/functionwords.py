"""The function words of German and English: words every text is full of, whatever it is about. Data only.

After the Snowball project's lists (https://snowballstem.org, BSD licence). The lists of the package stop-words were not
taken: its English one has 1,333 entries, "system", "million" and "UK" among them. Left out, because it is a word worth
searching for in the other language: "war"; and in its own: "weg".
"""

from __future__ import annotations

GERMAN = frozenset(
    """
aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes anders auch auf aus bei
bin bis bist da dabei dadurch daher damit dann daran darauf darum das dass dasselbe davon dazu dein deine deinem deinen
deiner deines dem demselben den denen denn denselben der deren derer derselbe derselben des deshalb desselben dessen
dich die dies diese dieselbe dieselben diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer
eines einig einige einigem einigen einiger einiges einmal er es etwas euch euer eure eurem euren eurer eures für gegen
gewesen hab habe haben habt hast hat hatte hatten hattest hattet hätte hätten hier hin hinter ich ihm ihn ihnen ihr
ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem jeden jeder jedes jene jenem jenen jener jenes jetzt
kann kannst kein keine keinem keinen keiner keines können könnt könnte könnten man manche manchem manchen mancher
manches mein meine meinem meinen meiner meines mich mir mit muss musst musste mussten müssen nach nachdem nein nicht
nichts noch nun nur ob oder ohne sehr seid sein seine seinem seinen seiner seines seit selbst sich sie sind so solche
solchem solchen solcher solches soll sollen sollst sollt sollte sollten sondern sonst sowie um und uns unser unsere
unserem unseren unserer unseres unter viel vom von vor wann waren warst warum was weil weiter weitere welche welchem
welchen welcher welches wem wen wenn wer werde werden werdet weshalb wessen wie wieder wieso will wir wird wirst wo
woher wohin wollen wollte wollten worden wurde wurden während würde würden zu zum zur zwar zwischen über
""".split()  # noqa: SIM905 - 200 quoted words are harder to read than a list of words
)

ENGLISH = frozenset(
    """
a about above after again against all am an and any are aren as at be because been before being below between both but
by can cannot could couldn did didn do does doesn doing don down during each few for from further had hadn has hasn
have haven having he her here hers herself him himself his how i if in into is isn it its itself just me more most must
my myself no nor not now of off on once only or other our ours ourselves out over own same shall shan she should
shouldn so some such than that the their theirs them themselves then there these they this those through to too under
until up very was wasn we were weren what when where which while who whom whose why will with won would wouldn you
your yours yourself yourselves
""".split()  # noqa: SIM905 - 200 quoted words are harder to read than a list of words
)
