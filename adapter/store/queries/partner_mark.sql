SELECT mark FROM partner_mark WHERE partner = :partner AND type = :type
