"""Domains where everybody may have an address: they say nothing about a company."""

_DOMAINS = """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.co.jp yahoo.com.br ymail.com
    rocketmail.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.es hotmail.it outlook.com outlook.de outlook.fr
    outlook.es live.com live.co.uk live.de live.fr live.nl msn.com passport.com aol.com aim.com icloud.com me.com mac.com
    proton.me protonmail.com pm.me gmx.de gmx.net gmx.at gmx.ch gmx.com web.de freenet.de t-online.de arcor.de mail.de
    posteo.de mailbox.org mail.com email.com zoho.com fastmail.com hey.com tutanota.com tuta.io hushmail.com inbox.com
    orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr libero.it virgilio.it tiscali.it alice.it tin.it
    telefonica.net terra.es btinternet.com virginmedia.com sky.com talktalk.net ntlworld.com blueyonder.co.uk
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net optonline.net
    shaw.ca rogers.com sympatico.ca bigpond.com optusnet.com.au xtra.co.nz uol.com.br bol.com.br terra.com.br ig.com.br
    mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com rambler.ru ukr.net i.ua wp.pl o2.pl onet.pl interia.pl op.pl
    seznam.cz centrum.cz email.cz azet.sk abv.bg qq.com 163.com 126.com sina.com sohu.com foxmail.com aliyun.com
    naver.com daum.net hanmail.net nate.com rediffmail.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp nifty.com
    bluewin.ch hispeed.ch chello.at aon.at skynet.be telenet.be ziggo.nl kpnmail.nl home.nl xs4all.nl planet.nl
    telia.com online.no broadpage.no mail.dk hotmail.dk privaterelay.appleid.com mozmail.com duck.com
"""
FREE_MAIL = frozenset(_DOMAINS.split())
